# 记录：流程、交互、参与方、通道、评价。检查与参数的说明另有文件。

# --- 流程列表
record-flows-title = 流程
record-flows-lead = 经过这三个服务的每一个流程，最新的在前：你自己的，以及任何其他客户端的。打开其中一个，就能逐一阅读每个请求和每个判断。
record-flows-empty = 还没有发生任何事情。
record-flows-begin = 运行一种授权方式
record-flows-curl = 或者在终端里扮演一个陌生客户端：
record-live = 实时更新中
record-live-lost = 连接中断，正在重试
record-kept = 已保存 { $count } 次交互
record-forgotten = 为腾出空间，更早的 { $count } 次已被丢弃
record-dropped = { $count } 次未能送达
record-shed = { $count } 次有意未记录：请求过快，超出了记录的节奏
record-clear = 清空记录
record-clear-sure = 要清除本领域（realm）的全部流程吗？
record-exchanges = { $count } 次交互
record-incomplete = 不完整
record-client = 客户端
record-person = 用户
record-error = 错误 { $error }

# --- 单个流程
record-exchanges-title = 按顺序发生了什么
record-verdicts = 对这个流程的评价
record-refused-by = 拒绝依据：
record-did-not-hold = 未满足的条件：
record-flow-forgotten = 这个流程中有 { $count } 次交互已经不在记录里。
record-as-json = 以 JSON 查看：
record-unknown-title = 记录中没有这个流程
record-unknown-text = 它从未存在过，或者已经被移出：记录在空间允许的范围内保留最近一小时，客户端应用重启后重新开始。
record-unknown-back = 全部流程

# --- 单次交互
record-to = 发给
record-stays-in-browser = 留在浏览器中，不会发送给任何服务器
record-fragment-text = # 之后的部分只属于浏览器：它出现在地址栏和历史记录里，页面上的任何脚本都能读到，但没有任何请求会携带它。
record-no-status = 无响应
record-leads-to = 浏览器被重定向到
record-open = 打开
record-checks-passed = 通过 { $count } 项检查
record-carried = 携带的值
record-checks-count = 通过 { $passed } 项，未通过 { $failed } 项，未执行 { $missed } 项
record-expected = 期望
record-got = 实际
record-parameters = 参数
record-parameter-name = 参数
record-parameter-value = 值
record-parameter-meaning = 用途
record-parameter-unknown = 不是 OAuth 的参数。
record-place-request-query = 位于请求地址
record-place-request-header = 位于 Authorization 请求头
record-place-request-body = 位于请求体
record-place-redirect-query = 位于重定向地址
record-place-redirect-fragment = 位于重定向地址的片段
record-place-response-body = 位于响应体
record-reveal = 显示
record-request = 完整请求
record-response = 完整响应
record-body = 正文
record-cut = 未保留全部内容：实际传输了 { $bytes } 字节。
record-id = 交互编号
record-began = 开始时间
record-observed-by = 观察者
record-sender-waited = 发送方等待时间
record-caused-by = 起因

# --- 参与方。后缀：Party::role()。
party-browser = 浏览器
party-client-app = 客户端应用
party-auth-server = 授权服务器
party-resource-server = 资源服务器
party-stranger = 陌生客户端
party-subject-browser = 浏览器
party-subject-client-app = 客户端应用
party-subject-auth-server = 授权服务器
party-subject-resource-server = 资源服务器
party-subject-stranger = { $name }{" "}

# --- 通道
channel-front = 前端通道
channel-front-title = 经过浏览器：用户、历史记录和页面脚本都能看到。
channel-back = 后端通道
channel-back-title = 服务器之间直接通信：浏览器看不到。

# --- 授权方式。后缀：Grant::name()。
grant-name-authorization-code = 授权码
grant-name-implicit = 隐式授权
grant-name-password = 密码授权
grant-name-client-credentials = 客户端凭据
grant-name-jwt-bearer = JWT 断言
grant-name-refresh-token = 刷新令牌
grant-name-logout = 退出登录
grant-name-mixed = 多种授权方式
grant-name-unknown = 单独的请求

# --- 结果
status-succeeded = 成功
status-refused = 被拒绝
status-open = 进行中
outcome-passed = 通过
outcome-failed = 未通过
outcome-not-reached = 未执行
outcome-good = 良好
outcome-care = 注意
outcome-bad = 不安全

# --- 用一句话描述一次交互：谁请求什么……
record-asks = { $from }发出请求：{ $method } { $path }。
record-two-sentences = { $first }{ $second }
record-listed = { $first }、{ $next }
record-fragment-received = 浏览器中的脚本从地址的片段里读出响应。它没有发送给任何服务器。
endpoint-preflight = { $from }先询问是否允许其他站点的脚本发起接下来的调用（CORS 预检）。
endpoint-auth-server-authorize = { $from }带来客户端的授权请求：是否允许这个客户端访问？
endpoint-auth-server-get-login = { $from }打开登录页。
endpoint-auth-server-post-login = { $from }提交用户名和密码，只交给授权服务器。
endpoint-auth-server-get-select-account = { $from }打开选择账户的页面。
endpoint-auth-server-post-select-account = { $from }提交用户选择的账户。
endpoint-auth-server-get-consent = { $from }打开征求同意的页面。
endpoint-auth-server-post-consent = { $from }提交用户的决定。
endpoint-auth-server-get-logout = { $from }打开退出登录页。
endpoint-auth-server-post-logout = { $from }为用户退出登录。
endpoint-auth-server-get-apps = { $from }打开可以代表用户的应用列表。
endpoint-auth-server-post-apps = { $from }收回某个应用的访问权限。
endpoint-auth-server-token = { $from }请求令牌。
endpoint-auth-server-token-authorization-code = { $from }用授权码换取令牌。
endpoint-auth-server-token-refresh-token = { $from }用刷新令牌换取新的令牌。
endpoint-auth-server-token-password = { $from }交出用户的密码来请求令牌。
endpoint-auth-server-token-client-credentials = { $from }以自己的名义请求令牌。
endpoint-auth-server-introspect = { $from }询问令牌是否仍然有效。
endpoint-auth-server-revoke = { $from }交还令牌，使任何人都无法再使用它。
endpoint-auth-server-userinfo = { $from }询问用户是谁。
endpoint-auth-server-jwks = { $from }获取用来验证令牌的公钥。
endpoint-auth-server-well-known-oauth-authorization-server = { $from }读取这个授权服务器的能力说明。
endpoint-auth-server-well-known-openid-configuration = { $from }读取这个 OpenID 提供方的能力说明。
endpoint-resource-server-me = { $from }向 API 询问令牌属于谁。
endpoint-resource-server-get-photos = { $from }向 API 请求照片。
endpoint-resource-server-post-photos = { $from }通过 API 添加一张照片。
endpoint-resource-server-delete-photos-id = { $from }通过 API 删除一张照片。
endpoint-resource-server-photos-id-picture-svg = { $from }向 API 请求一张图片。
endpoint-resource-server-stats = { $from }向 API 请求统计数据。
endpoint-resource-server-well-known-oauth-protected-resource = { $from }读取这个 API 的要求。
endpoint-client-app-grants-grant-run = { $from }在客户端应用中开始一次授权。
endpoint-client-app-callback = { $from }带着响应回到客户端应用。
endpoint-client-app-callback-implicit = { $from }回到客户端应用。响应在片段里，客户端应用的服务器收不到它。
endpoint-client-app-runs-run = { $from }打开页面，查看客户端应用得到了什么。
endpoint-client-app-runs-run-call = { $from }让客户端应用调用 API。
endpoint-client-app-runs-run-refresh = { $from }让客户端应用刷新令牌。
endpoint-client-app-runs-run-revoke = { $from }让客户端应用交还令牌。
endpoint-client-app-runs-run-code = { $from }让客户端应用使用授权码。
endpoint-client-app-runs-run-sign-out = { $from }要求客户端应用到提供方退出登录。
endpoint-client-app-sign-in-sign-out = { $from }要求客户端应用到提供方退出登录。
endpoint-client-app-signed-out = { $from }退出登录后回到客户端应用。
endpoint-client-app-backchannel-logout = { $from }告知客户端应用：一个会话已结束。
endpoint-client-app-frontchannel-logout = { $from }在框架中加载客户端应用的退出地址。

# --- ……以及结果如何
record-goes-through-browser = 经由浏览器传递。
record-goes-server-to-server = 服务器之间直接传递。
record-answer-redirect = 响应 { $status }：把浏览器重定向到 { $place }。
record-answer-form-post = 响应 { $status }：一个页面，浏览器把其中的表单提交到 { $place }。
record-answer-tokens = 响应 { $status }，其中包含 { $tokens }。
record-answer-error = 响应 { $status }：拒绝，{ $error }。
record-answer-not-yet = 响应 { $status }：还没有，{ $error }。
record-answer-yes = 响应 { $status }。
record-answer-no = 响应 { $status }：拒绝。
record-no-answer = 没有收到响应。

# --- 对流程的评价。后缀：评价的编号。
verdict-pkce-s256-used = 使用了 PKCE（S256）：授权码被窃取也毫无用处
verdict-pkce-plain-used = PKCE 使用了 plain 方法：秘密本身经过了浏览器
verdict-pkce-not-used = 没有使用 PKCE：只有客户端密钥在保护授权码
verdict-pkce-verifier-mismatch = code verifier 不匹配：已拒绝
verdict-state-checked = 发送了 state，并在返回时核对过
verdict-state-sent = 发送了 state，但没有观察到有人核对
verdict-state-left-to-pkce = 没有 state：由 PKCE 把响应与这个浏览器绑定
verdict-state-left-to-nonce = 没有 state：由 ID 令牌的 nonce 把响应与这个浏览器绑定，前提是客户端核对它
verdict-state-not-sent = 没有 state：响应没有与这个浏览器绑定
verdict-state-mismatch = state 不匹配：已拒绝
verdict-iss-checked = 核对了响应的颁发者
verdict-client-authenticated = 客户端证明了自己的身份
verdict-client-public = 公开客户端：没有可以证明自己身份的密钥
verdict-password-only-at-auth-server = 密码只交给了授权服务器
verdict-password-seen-by-client = 客户端应用看到了用户的密码
verdict-token-in-url = 访问令牌出现在地址中
verdict-token-back-channel-only = 令牌只经过后端通道
verdict-code-replayed = 授权码被第二次使用：已拒绝，并撤销了由它得到的令牌
verdict-refresh-rotated = 刷新令牌已换成新的
verdict-refresh-reused = 已用过的刷新令牌再次出现：已拒绝
verdict-consent-denied = 用户拒绝了授权
verdict-scope-narrowed = 授予的权限少于请求的权限
verdict-id-token-verified = 验证了 ID 令牌的签名
verdict-api-called = API 接受了令牌

## The pages of one flow

flow-nav = 此流程的各个页面
flow-nav-diagram = 流程图
