# 设备授权模式（RFC 8628）：授权服务器上供手机使用的页面，以及客户端应用中的电视页面。

# /device：输入代码
device-title = 连接设备
device-lead = 没有键盘的设备（例如电视）会显示一个代码。在这里输入它，就可以让那台设备代表你行事。
device-code = 设备屏幕上的代码
device-code-hint = 八个字母。大小写、有没有连字符都可以。
device-code-from-link = 这个代码来自你打开的链接或二维码。只有当你面前的设备显示同一个代码时，才继续。
device-submit = 继续
device-warning = 只连接就在你面前的设备。无论谁打来电话、发来消息或与你聊天，都不需要你在这里输入代码：给你代码的人，是想用他自己的设备进入你的账号。
device-error-malformed = 这不是一个有效的代码：代码由八个字母组成，其中没有元音字母。请与屏幕核对。
device-error-unknown = 没有设备在等待这个代码。请与屏幕逐个字母核对。
device-error-expired = 这个代码已过期。请让设备重新显示一个。
device-error-decided = 这个代码已经用过。请让设备重新显示一个。
device-error-limited = 错误的代码过多，请在 { $minutes } 分钟后重试。
device-login = 以连接显示 { $code } 的设备

# /device/confirm：确认
device-confirm-title = 连接 { $client }？
device-match = 你的设备显示的是这个代码吗？
device-match-hint = 请现在看一眼它的屏幕，核对全部八个字母。如果代码不同，或者设备不在你面前，请选择“否”。
device-asked-at = 设备发出请求的时间
device-asked-at-now = { $date }，不到一分钟前
device-asked-at-minutes = { $date }，{ $minutes } 分钟前
device-asked-from = 请求来自的地址
device-asked-from-here = { $address }，与此浏览器的地址相同
device-asked-from-elsewhere = { $address }；此浏览器的地址是 { $own }
device-asked-from-unknown = 未知
device-until = 你可以决定的截止时间
device-confirm = 是，代码一致：连接它
device-deny = 否，不要连接它

# /device/done：结果
device-done-title = 设备已连接
device-done-text = { $client } 现在可以代表你行事。几秒钟后，它的屏幕会自动继续；你可以放下手机了。
device-denied-title = 设备没有连接
device-denied-text = 你选择了“否”。{ $client } 会收到通知，并且什么也得不到。

# 客户端应用的 /grants/device 与电视屏幕
grant-device-name = 设备授权（电视与手机）
grant-device-when = 用于没有键盘或浏览器的设备：电视、游戏机、打印机、远程机器上的命令行。
grant-device-safety = 用于这类设备没有问题，前提是用户会核对代码。发出请求的设备与点头同意的人之间没有任何绑定：给你发代码的人，是想进入你的账号。
grant-device-teacher = 电视显示一个代码。用户在手机上输入它，在那里登录并同意；与此同时，电视一次次地询问自己能否继续。
grant-device-lesson = 两台设备，一个决定。电视从未见过密码，手机从未见过令牌；把两者联系起来的，是一个由人来核对的短代码。
grant-device-step-1 = 电视向授权服务器请求两个代码：一个长的、秘密的留给自己，一个短的交给用户。
grant-device-step-2 = 它显示短代码、输入代码的地址，以及一个二维码。
grant-device-step-3 = Alice 用手机打开这个地址，输入代码并登录。手机在哪里都行，它与电视之间不传递任何东西。
grant-device-step-4 = 页面问她：面前的电视显示的是不是这个代码，以及它能否查看她的照片。她可以拒绝。
grant-device-step-5 = 在此期间，电视每五秒用自己的代码轮询一次：还没有，还没有，慢一点，还没有。
grant-device-step-6 = 她同意之后，下一次轮询就会带回令牌，电视随即显示照片。
grant-request-device = 发往设备授权端点
grant-request-device-poll = 一次次发往令牌端点
grant-from-device = （来自第一个请求的响应）
grant-try-impatient-title = 不肯等待的电视
grant-try-impatient-text = 它隔一秒就再次轮询，而不是五秒。服务器回答 slow_down，并把间隔永久延长五秒。之后电视就守规矩了。
error-app-device-expired-title = 代码已过期
error-app-device-expired-text = 没有人及时确认代码。两个代码现在都已失效，之后再有人输入短代码也没有用。
error-app-device-expired-next = 请重新开始：电视会请求新的代码。
error-app-assertion-refused-title = 断言被拒绝
error-app-assertion-refused-text = 授权服务器返回 invalid_grant：断言已过期，或者已经用过，或者不是这个客户端签名的，或者写的是这个客户端无权代表的人。
error-app-assertion-refused-next = 回答旁边的检查会说明是哪一种。去掉这个错误再运行一次：每次运行都会签署新的断言。
error-app-device-refused-title = 设备代码被拒绝
error-app-device-refused-text = 授权服务器返回 invalid_grant：它不认识这个设备代码，或者已经用它发放过令牌，或者它属于另一个客户端。
error-app-device-refused-next = 请重新开始：电视会请求新的代码。

tv-title = 连接这台电视
tv-open = 在手机或电脑上打开
tv-type = 并输入代码
tv-qr-title = 二维码
tv-qr-text = 它会打开 { $address }，也就是上面的地址，并且已填好代码。
tv-qr-caption = 或者扫描这个
tv-phone = 打开手机上的页面
tv-phone-hint = 它会在旁边的标签页中打开。想在手机上以另一个人的身份登录，请在另一个浏览器或无痕窗口中打开这个地址。
tv-local = 这个地址只属于本机，真正的手机在这里打不开它。
tv-log = 电视在此期间的询问
tv-first = 电视会在开始 { $interval } 秒后第一次询问。
tv-waiting = 正在等待有人确认代码。
tv-left = 代码将在 { $span }后过期。
tv-lost = 暂时无法连接到客户端应用。
tv-poll-authorization-pending = 还没有人作出决定。
tv-poll-slow-down = 太快了：从现在起，间隔延长五秒。
tv-poll-away = 没有回应。电视的等待时间加倍。
tv-poll-wait = { $span }后再次询问。
tv-poll-open = 打开这次轮询

# 记录
grant-name-device-code = 设备授权
endpoint-auth-server-device-authorization = { $from }请求一个可以由人在另一台设备上输入的代码。
endpoint-auth-server-token-urn-ietf-params-oauth-grant-type-device-code = { $from }询问用户是否已作出决定。
endpoint-auth-server-get-device = { $from }打开输入设备代码的页面。
endpoint-auth-server-post-device = { $from }发送设备显示的代码。
endpoint-auth-server-get-device-confirm = { $from }打开确认页面：设备显示的是这个代码吗，可以让它代表你行事吗？
endpoint-auth-server-post-device-confirm = { $from }发送用户对这台设备的决定。
endpoint-auth-server-device-done = { $from }打开显示结果的页面。
why-auth-server-device-authorization = 设备没有键盘，也许也没有浏览器，谁都无法在上面登录。于是它得到两个代码：一个用来轮询，留在设备内部；另一个由用户在别处输入（RFC 8628 §3.1）。
why-auth-server-token-urn-ietf-params-oauth-grant-type-device-code = 没有任何重定向能到达这台设备，它只能主动询问：每隔几秒一次，直到用户作出决定或代码过期。authorization_pending 虽是错误响应，却不代表失败（RFC 8628 §3.5）。
why-auth-server-get-device = 用户自己的设备有浏览器和键盘，也许还有会话。在这里，用户说明所指的是哪一台正在等待的设备。
why-auth-server-post-device = 代码是否存在，只告诉已登录的用户，而且只能试几次：短代码是可以猜的（RFC 8628 §5.1）。
why-auth-server-get-device-confirm = 任何人都可以发起这样的流程，再把代码发给别人。因此页面会说明是谁、何时、从哪里发出的请求，并让用户与面前的屏幕核对代码（RFC 8628 §5.4）。
why-auth-server-post-device-confirm = 只有已登录用户的这一次同意，才能让设备的下一次轮询成功。仅凭一个链接绝不会算作同意，二维码也不例外。
why-auth-server-device-done = 手机的任务到此完成。令牌交给设备，而不是手机。
verdict-device-confirmed = 用户在自己的设备上确认了设备的代码
verdict-device-slowed-down = 设备轮询过快，被要求放慢
life-kind-device-code = 设备代码
diagram-value-device-code = 设备代码
diagram-value-user-code = 用户代码
knowledge-value-device-code = 设备代码
knowledge-value-user-code = 用户代码
knowledge-rule-device-code-in-browser = 设备代码到了浏览器里。它是设备的秘密：用户一旦同意，谁持有它，谁就能拿到令牌。用户只需要看到用户代码。
knowledge-rule-user-code-in-address = 用户代码出现在地址中，来自链接或二维码，因此可能是任何人发来的。正因如此，页面会询问用户面前的设备是否显示同一个代码，绝不会自动继续。
