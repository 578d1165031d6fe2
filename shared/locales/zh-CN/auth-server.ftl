# 授权服务器的页面：登录、授权确认、退出、应用管理、首页、错误页。

# 页眉链接。
as-nav-home = 首页
as-nav-apps = 我的应用
as-nav-sign-in = 登录
as-nav-sign-out = 退出登录

# /login
login-title = 登录
login-for = 以继续使用 { $client }
login-plain = 以查看可以代表你行事的应用
login-again = 你已经以 { $name } 的身份登录，但 { $client } 要求重新登录。
login-username = 用户名
login-password = 密码
login-submit = 登录
login-cancel = 取消
login-cancel-hint = 取消后将返回 { $client }，不会登录。
login-address = 输入密码之前，请先看地址栏：应当显示 { $address }。密码只应在这里输入；应用始终看不到它。
login-error-wrong = 用户名与密码不匹配。请核对后重试。
login-error-empty = 请同时填写用户名和密码。
login-error-busy = 此刻登录的人太多，服务器一时无法逐一核对。你的密码尚未核对，也不计入失败次数。请在几秒钟后重试。
login-error-limited = 失败次数过多，请在 { $minutes } 分钟后重试。
login-error-form = 此表单已过期，或来自其他页面。表单已更新，请重新登录。
login-demo-title = 演示用户
login-demo-text = 用其中任意一个账号登录即可；这些密码人尽皆知。

# /select-account
select-account-title = 选择账户
select-account-for = { $client } 想知道你要用哪个账户继续。
select-account-other = 使用其他账户

# /consent
consent-title = { $client } 请求你的授权
consent-who = 你当前以 { $name } 的身份登录。
consent-switch = 不是你？换个账号登录
consent-description = 它的自我介绍：“{ $text }”
consent-scopes = 它希望：
consent-scopes-hint = 不想允许的权限，取消勾选即可；应用拿到的令牌权限会相应减少。
consent-fixed = 无法取消：没有它就谈不上登录。
consent-fixed-offline = 无法单独取消：这个应用注册时就可以续期令牌。你可以随时在“我的应用”页面收回。
consent-nothing = 没有勾选任何权限。请至少勾选一项，或选择“拒绝”。
consent-no-scope = 它没有请求任何具体权限，只请求一个以你的名义签发的令牌。
consent-unknown-scope = 本服务器没有为此权限提供说明
consent-after = 你的答复将发送到
consent-resources = 令牌可用于
consent-registered-by = 注册者
consent-registered-by-operator = 本服务器的管理者（通过种子文件）
consent-registered-by-itself = 它自己：本服务器没有人审核过它
client-links = 它对自己的说明：
client-link-home = 主页
client-link-policy = 如何使用你的数据
client-link-terms = 服务条款
consent-take-back = 你可以随时在“{ $page }”页面撤回授权。
consent-allow = 允许
consent-deny = 拒绝
consent-legacy-title = 旧式授权：此应用使用的方式仅为学习而保留
consent-legacy-text = 它要求把访问令牌放进由浏览器转交的响应里（隐式授权，或带令牌的混合流程）。这样一来，页面上的任何脚本都能读到令牌，它也可能留在浏览器历史记录里，而且无从证明它交到了正确的应用手中。RFC 9700 §2.1.2 不建议使用这种方式，应改用带 PKCE 的授权码模式。本服务器会缩短此类令牌的有效期，并且不签发刷新令牌。
consent-details = 本次请求的详细信息
consent-detail-none = 未发送

# 用文字说明的权限范围：标题，以及一句补充说明。
scope-openid = 确认你的身份
scope-openid-hint = 通过一个固定不变的标识符告诉应用是谁登录了。
scope-profile = 查看你的个人资料
scope-profile-hint = 姓名、头像、生日、语言等。
scope-email = 查看你的电子邮箱地址
scope-email-hint = 以及该地址是否已验证。
scope-phone = 查看你的电话号码
scope-phone-hint = 以及它是否已验证。
scope-address = 查看你的邮寄地址
scope-address-hint = 街道、城市和国家。
scope-photos-read = 查看你的照片
scope-photos-read-hint = 你存放在此处的所有照片及其说明文字。
scope-photos-write = 添加和删除照片
scope-photos-write-hint = 以你的名义修改你的相册。
scope-stats-read = 读取使用统计
scope-stats-read-hint = 整个服务的统计数字，与你个人无关。
scope-offline-access = 在你离开后保持连接
scope-offline-access-hint = 应用会得到刷新令牌，无需再次询问即可续期，直到你撤回授权。

# /apps
apps-title = 可以代表你行事的应用
apps-lead = { $name }，你已允许下列应用使用你的数据。撤回授权立即生效：应用的刷新令牌随之失效，凡是向本服务器核实的一方，也不再接受它的访问令牌。
apps-none = 没有应用可以代表你行事。
apps-none-hint = 授权给某个应用之后，它会出现在这里。
apps-may = 它可以：
apps-only-token = 它持有一个不带任何具体权限的令牌。
apps-since = 授权时间：{ $date }
apps-client-id = client_id
apps-registered-by = 注册者：{ $who }
apps-legacy = 旧式授权
apps-legacy-implicit = 访问令牌经由浏览器获得（隐式授权，或带令牌的混合流程；RFC 9700 §2.1.2 不建议使用）。
apps-legacy-password = 曾直接拿到你的密码（密码授权；RFC 9700 §2.4 禁止使用）。
apps-first-party = 提供方自有应用
apps-take-back = 撤回授权
apps-taken-back = { $client } 已不能再代表你行事。

# / ：本服务器是什么
issuer-title = 授权服务器
issuer-lead = 用户在这里登录，并决定哪些应用可以代表自己行事；应用在这里领取令牌。三个服务之中，只有它应当接触到密码。
issuer-where = 当前地址
issuer-realm = 领域（realm）
issuer-signed-in = 已登录：{ $name }。
issuer-signed-out = 此浏览器中无人登录。
issuer-see-apps = 查看可以代表你行事的应用
issuer-start = 从客户端应用开始
issuer-machines = 供程序使用
issuer-machines-text = 客户端与本服务器通信所需的全部信息。其他软件只凭前两项就能找到其余各项。
issuer-metadata = 服务器元数据（RFC 8414）
issuer-openid = OpenID 配置
issuer-jwks = 签名公钥（JWK Set，RFC 7517）
issuer-authorize = 授权端点
issuer-token = 令牌端点
issuer-introspect = 令牌自省（RFC 7662）
issuer-revoke = 令牌撤销（RFC 7009）
issuer-userinfo = UserInfo（OpenID Connect）
issuer-people = 演示用户
issuer-clients = 演示客户端
issuer-people-name = 姓名
issuer-people-username = 用户名
issuer-people-password = 密码
issuer-client-id = client_id
issuer-client-secret = client_secret
issuer-client-grants = 可以使用的授权方式
issuer-client-no-grants = 无：它只查询令牌的状态
issuer-client-public = 无：公开客户端无法保守密钥
issuer-client-redirects = 重定向 URI
issuer-client-no-redirects = 无：它从不把浏览器送到这里
issuer-legacy = 旧式（RFC 9700）

# 错误页。种类：PageError::kind()。
error-page-check = 未通过的检查
error-page-check-expected = 期望：{ $value }
error-page-check-got = 实际：{ $value }
error-page-check-reference = 规则出处：{ $value }
error-page-why = 为什么没有把你送回应用
error-page-why-text = 服务器只能凭 client_id 和 redirect_uri 判断答复可以送往何处。只要其中一个不可信，重定向就可能把你或授权码交到攻击者手里，因此服务器在此止步（RFC 6749 §4.1.2.1、RFC 9700 §4.11）。
error-page-next = 接下来怎么办
error-page-exchange = 此请求的编号
error-page-recorded = 记录中保存了传输的全部内容和每一项检查。
error-page-record = 打开记录
error-page-home = 前往本服务器首页
error-page-client-app = 前往客户端应用

error-page-malformed-title = 无法读取此请求
error-page-malformed-text = 它的参数不符合标准：浏览器和遵循标准的应用不会发送非 UTF-8 的文本或残缺的百分号编码。
error-page-malformed-next = 请返回应用重新开始。如果应用由你编写：请以 UTF-8 的 application/x-www-form-urlencoded 格式编码每个参数。
error-page-repeated-title = 有参数重复出现
error-page-repeated-text = 每个参数只能出现一次。如果有两个值，服务器和它前面的过滤器可能各信一个。
error-page-repeated-next = 如果应用由你编写：每个参数只发送一次。
error-page-client-missing-title = 请求没有说明来自哪个应用
error-page-client-missing-text = 参数 client_id 缺失或为空。
error-page-client-missing-next = 请返回应用重新开始。如果应用由你编写：请发送它的 client_id。
error-page-client-unknown-title = 这里不认识此应用
error-page-client-unknown-text = 本服务器上没有注册使用此 client_id 的客户端。
error-page-client-unknown-next = 如果应用由你编写：请检查是否拼写有误，以及它是否已在本服务器的这个领域中注册。
error-page-redirect-missing-title = 请求没有说明答复送往何处
error-page-redirect-missing-text = 参数 redirect_uri 缺失或为空。本服务器从不猜测它，即使只注册了一个也不例外。
error-page-redirect-missing-next = 如果应用由你编写：请按注册时的原样发送 redirect_uri。
error-page-redirect-unregistered-title = 答复将会送往未知的地址
error-page-redirect-unregistered-text = 此请求的 redirect_uri 没有为该应用注册。比较是逐字符进行的：路径、端口、大小写不同，或有字符经过编码，都算另一个地址。
error-page-redirect-unregistered-next = 如果你是点击链接来到这里的，请不要相信那个链接。如果应用由你编写：请注册这个地址，或原样发送已注册的地址。
error-page-request-object-title = 无法使用请求对象
error-page-request-object-text = 应用以签名 JWT 的形式发送了请求，而本服务器无法读取它：它格式有误、不是由该应用签名、是给别人的、已经过期，或者取不到。
error-page-request-object-next = 请返回应用，从头开始。如果应用由你编写：下面未通过的检查指出了具体原因。
error-page-request-uri-title = 找不到所引用的请求
error-page-request-uri-text = 应用事先把请求推送到了本服务器，并让你带着它的引用（request_uri）前来。这个引用未知、属于另一个应用、已过期，或者它的请求已经答复过：每个引用只能得到一次答复。
error-page-request-uri-next = 请返回应用，从头开始：它会推送一个新的请求。
error-page-interaction-gone-title = 本次登录已经结束
error-page-interaction-gone-text = 你正要答复的请求已经答复过、已过期，或者是在另一个浏览器中开始的。
error-page-interaction-gone-next = 请返回应用，从头开始。浏览器的后退按钮无济于事。
error-page-csrf-title = 无法接受此表单
error-page-csrf-text = 它没有带上本服务器为你的浏览器放入表单的秘密值。可能是页面打开太久、Cookie 被阻止，或有其他网站企图以你的名义提交表单。没有做任何更改。
error-page-csrf-next = 请重新打开页面，再做一次刚才的操作。如果每次都这样，请允许本服务器使用 Cookie。
error-page-too-large-title = 请求过大
error-page-too-large-text = 它超出了本服务器读取的长度。
error-page-too-large-next = 如果应用由你编写：请缩短 state 和 scope。
error-page-uri-too-long-title = 地址过长
error-page-uri-too-long-text = 它的字符数超出了本服务器读取的长度。
error-page-uri-too-long-next = 如果应用由你编写：请缩短 state 和 scope，改用 POST 发送请求，或先推送请求（RFC 9126）。
error-page-not-found-title = 没有这个页面
error-page-not-found-text = 本服务器在这个地址没有任何内容。
error-page-not-found-next = 请检查地址，或从首页开始。
error-page-method-not-allowed-title = 此页面不能这样使用
error-page-method-not-allowed-text = 地址存在，但不接受这种 HTTP 方法。
error-page-method-not-allowed-next = 响应头 Allow 列出了它接受的方法。
error-page-bad-request-title = 无法理解此请求
error-page-bad-request-text = 其中有不符合 HTTP 标准的内容。
error-page-bad-request-next = 请返回重试。
error-page-internal-title = 服务器出了故障
error-page-internal-text = 这不是你的错，你发送的内容也没有问题。服务器日志在下面的编号之下有更多说明。
error-page-internal-next = 请重试。如果故障依旧，请把编号告诉本服务器的管理者。
error-page-unavailable-title = 服务器繁忙
error-page-unavailable-text = 数据库暂时没有响应。没有做任何更改。
error-page-unavailable-next = 请等几秒钟，然后重新加载页面。

# Form Post Response Mode：把响应带回应用的页面
form-post-title = 返回应用
form-post-text = 这里的步骤已完成。浏览器现在会把响应以表单形式提交给应用；启用脚本时会自动进行。
form-post-failed = 浏览器现在会告知应用：未授予任何权限以及原因；启用脚本时会自动进行。
form-post-destination = 将前往
form-post-submit = 继续
form-post-hint = 响应放在表单正文中传送（response_mode=form_post），因此既不会出现在地址栏，也不会留在浏览器历史记录里。
