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
