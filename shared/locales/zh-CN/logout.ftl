# 在授权服务器上退出登录：/logout，以及 /apps 上的会话。

# /logout
logout-title = 退出登录
logout-question = 要让 { $name } 退出本服务器吗？
logout-question-client = { $client } 请求让 { $name } 退出本服务器。
logout-from-nobody = 此请求写明了退出后要前往的地址，却没有说明是哪个应用注册了它。无论你怎样选择，都会留在本服务器上。
logout-effect = 你在本次会话中用过的应用会收到通知，它们的访问权限随之结束。只有你允许“离开后保持连接”（offline_access）的应用仍可继续访问，直到你撤回授权。
logout-confirm = 退出登录
logout-stay = 保持登录
logout-kept-title = 你仍处于登录状态
logout-kept-text = 没有结束任何会话：{ $name } 仍在这里登录着。
logout-none-title = 你尚未登录
logout-none-text = 此浏览器中没有可以结束的会话。
logout-apps-link = 查看可以代表你行事的应用
logout-continue = 前往 { $client }
logout-continue-now = 继续
logout-done-title = 你已退出登录
logout-done-text = 此浏览器在本服务器上已没有会话。
logout-told-title = 本服务器通知的应用
logout-told-hint = 服务器对服务器，发送一个签名的退出令牌（后端通道退出）：无论应用的会话在哪里，都能送达。
logout-told-told = 已结束它的会话
logout-told-refused = 没有接受通知
logout-told-failed = 无法连通
logout-told-waiting = 尚未答复
logout-frames-title = 由你的浏览器通知的应用
logout-frames-hint = 浏览器在隐藏的框架中加载每个应用的退出地址（前端通道退出）。浏览器若拦截第三方 Cookie，这种方式就不可靠：应用在框架中认不出你。
logout-frame-title = { $client } 结束它的会话

# /apps：用户在哪里登录着，以及单项授权
apps-sessions-title = 你在哪里登录着
apps-sessions-text = 你在本服务器上登录过的每个浏览器都有自己的会话。结束某个会话，就是在那里退出登录：在其中用过的应用会收到通知。
apps-sessions-more = ……还有更多：这里只列出最近使用的登录会话。“在所有地方退出登录”会结束全部会话。
apps-session-browser = { $system } 上的 { $browser }
apps-session-unknown = 未表明身份的程序
apps-session-here = 此浏览器
apps-session-since = 登录时间
apps-session-last-used = 最近使用
apps-session-end = 结束此会话
apps-session-end-here = 在此退出登录
apps-session-ended = 会话已结束，在其中用过的应用已收到通知。
apps-everywhere = 在所有地方退出登录
apps-grants = { $count ->
   *[other] { $count } 项授权
}
apps-grants-more = { $count } 项以上授权
apps-grants-latest = 这里只列出最近的授权。撤回该应用的全部许可，会一并撤回其余授权。
apps-grants-unseen = 授权的数量超出本页能查看的范围，而最近的授权都已失效。撤回该应用的全部许可，会一并撤回所有授权。
apps-grant-offline = 不随会话结束
apps-take-back-grant = 撤回这项授权
apps-grant-taken-back = 这项授权已撤回，它的令牌不再有效。

# 错误页。种类：PageError::kind()。
error-page-logout-hint-title = 此退出请求不可信
error-page-logout-hint-text = 它的 id_token_hint 不是本服务器签发的 ID 令牌，可能在途中被改动过。没有结束任何会话：如果你之前已登录，现在仍处于登录状态。
error-page-logout-hint-next = 要退出登录，请打开本服务器自己的退出页面。如果应用由你编写：请原样发送收到的 ID 令牌；它过期了也没有关系。
error-page-logout-client-title = 此退出请求自相矛盾
error-page-logout-client-text = 它的 id_token_hint 并不是签发给 client_id 所指的应用的。没有结束任何会话：如果你之前已登录，现在仍处于登录状态。
error-page-logout-client-next = 要退出登录，请打开本服务器自己的退出页面。如果应用由你编写：请发送 ID 令牌签发给的那个 client_id，或者不发送它。
error-page-logout-redirect-title = 退出后将会前往未知的地址
error-page-logout-redirect-text = 此请求的 post_logout_redirect_uri 没有为该应用注册。比较是逐字符进行的；附加了查询参数，就是另一个地址。没有结束任何会话：如果你之前已登录，现在仍处于登录状态。
error-page-logout-redirect-next = 要退出登录，请打开本服务器自己的退出页面。如果应用由你编写：请注册这个地址，或原样发送已注册的地址，需要记住的内容请放进 state。
# 客户端应用：按钮、返回、框架。
run-sign-out-title = 退出登录
run-sign-out-text = 结束你在提供方的会话，这里的会话也随之结束：提供方会通知你在其中用过的每个应用。
run-sign-out = 在提供方退出登录
signed-out-title = 你已退出登录
signed-out-lead = 提供方已结束你的会话，打印店也结束了自己的会话：不再保留其中的任何令牌。
signed-out-how = 打印店是怎样得知的
signed-out-by-back-channel = 由提供方告知，服务器对服务器：一个签名的退出令牌送到 /backchannel-logout，令牌随即全部丢弃（后端通道退出）。
signed-out-by-front-channel = 由你的浏览器告知：提供方的页面在框架中加载了 /frontchannel-logout，并带上 iss 和 sid（前端通道退出）。
signed-out-by-return = 在你的浏览器返回之前，没有人告知它，所以它在那一刻才结束会话。如果你没有返回，会话会继续存在。
signed-out-dropped = 这次运行的令牌已全部丢弃。它们曾是什么，在流程记录中仍可查看。
signed-out-lesson = 退出登录的三种方式
signed-out-run = 原来的那次运行
logout-frame-page-title = 前端通道退出
logout-frame-page-done = 会话已结束。
logout-frame-page-refused = 这里所指的不是打印店的会话。没有结束任何会话。
