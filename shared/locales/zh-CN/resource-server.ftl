# 资源服务器的页面。

# --- 首页
rs-title = 提供方的照片 API
rs-lead = Alice 的照片存放在这里。想看照片的一方，必须带来一枚经她同意的访问令牌。
rs-story = 本服务器不知道任何密码，也没有登录页面。它读取每个请求中的访问令牌，核对由谁签发、给谁使用、是否仍然有效、允许做什么，然后只返回令牌所代表之人的照片。除此之外，别无他法。
rs-call-title = 如何调用
rs-call-text = 请把访问令牌放在唯一一个 Authorization 请求头中，不要放在别处：URL 中的令牌会留在历史记录和日志里，因此这里一律拒绝（RFC 6750 §2.1，RFC 9700 §4.3.2）。
rs-add-text = 有了 photos:write 权限，就可以添加照片：一句说明，加上面的一个主题。
rs-token-text = 令牌从哪里来？请运行一种授权方式：
rs-endpoints-title = 端点及所需权限
rs-column-endpoint = 端点
rs-column-scope = 权限（scope）
rs-column-does = 作用
rs-no-token = 无需令牌
rs-private = 照片只属于本人：请求他人的照片会得到 404，就像它不存在一样。
rs-answers-title = 拒绝的含义
rs-answer-missing = 没有带令牌。WWW-Authenticate 响应头只说明如何携带令牌，不透露更多（RFC 6750 §3.1）。
rs-answer-invalid-token = 令牌已过期、已撤销、是给别的服务器的，或者名不副实。请重新获取。
rs-answer-insufficient-scope = 令牌有效，但不允许此操作。响应头会写明缺少的权限。
rs-answer-invalid-request = 令牌的携带方式不对：放在 URL 里、出现两次，或请求头格式错误。
rs-answer-away = 授权服务器暂时不在，无法判断令牌。令牌可能是好的：请稍后再试。
rs-metadata = 供机器读取的同样内容（RFC 9728）：

# 后缀：端点表中的一行。
endpoint-rs-me = 此人是谁；只有同时具备 email 权限才给出邮箱。
endpoint-rs-me-picture = 此人的头像，以 SVG 绘制。
endpoint-rs-photos = 此人的照片，最新的在前。
endpoint-rs-photo = 一张照片：说明、主题以及图片地址。
endpoint-rs-photo-picture = 图片本身，以 SVG 绘制。
endpoint-rs-photo-add = 添加一张照片；返回 201 及其地址。
endpoint-rs-photo-delete = 删除一张照片；返回 204。
endpoint-rs-stats = 统计人数和照片数，供代表自己的程序使用。
endpoint-rs-metadata = 本 API 的自我描述（RFC 9728）。
