# 在冲印店用 OpenID Connect 登录。

sign-in-title = 用 OpenID Connect 登录
sign-in-lead = OAuth 让应用代表您行事；OpenID Connect 还告诉它您是谁。冲印店通过发现机制找到提供方，把您送到那里，只有当返回内容的每一项都成立时才让您登录。它验证过的内容会逐项列出。
sign-in-hello = 已登录：{ $name }
sign-in-by = 身份由以下颁发者证明：
sign-in-verified = 依次验证过的全部内容
sign-in-forget = 在这里忘记我
sign-in-forget-hint = 只结束您在冲印店的会话。您在提供方仍处于登录状态，因此下次登录不会要求输入密码。
sign-in-with = 登录
sign-in-provider = 提供方
sign-in-own = 这个世界的提供方
sign-in-response = 经由浏览器返回的内容
sign-in-response-code = 一个授权码
sign-in-response-code-text = 推荐的方式：令牌在服务器之间直接传递。
sign-in-response-code-id-token = 一个授权码和一个 ID 令牌
sign-in-response-code-id-token-text = 混合流程：与授权码同行的 ID 令牌用 c_hash 指明该授权码，授权码一旦被调换就会被发现。以浏览器提交表单的方式送回。
sign-in-response-id-token = 只有一个 ID 令牌
sign-in-response-id-token-text = 只为知道您是谁：没有访问令牌，也没有服务器之间的调用。以浏览器提交表单的方式送回。
sign-in-ask = 要多坚决地询问您
sign-in-ask-as-needed = 由提供方决定
sign-in-ask-as-needed-text = 若已在那里登录，则什么都不问。
sign-in-ask-again = 再次输入密码
sign-in-ask-again-text = prompt=login，如同付款之前。
sign-in-ask-silently = 静默
sign-in-ask-silently-text = prompt=none：不显示任何页面。只有已登录并已同意的人才能成功。
sign-in-ask-recently = 除非一分钟内输入过，否则输入密码
sign-in-ask-recently-text = max_age=60：ID 令牌必须说明您何时登录，冲印店会加以验证。
sign-in-submit = 登录
sign-in-how = 会发生什么
sign-in-step-discovery = 冲印店读取提供方位于 /.well-known/openid-configuration 的元数据，只有当它正是所指颁发者的元数据时才相信。
sign-in-step-request = 它带着 state（返回内容属于这个浏览器吗？）、nonce（ID 令牌属于这次登录吗？）和 PKCE 挑战值（兑换授权码的是我们吗？）把您送过去。
sign-in-step-answer = 您回来了。先看 state，再看颁发者：没有人请求过的返回，或来自另一个提供方的返回，到此为止。
sign-in-step-token = 授权码在服务器之间兑换。ID 令牌的算法、签名、颁发者、受众、时间、nonce 和哈希值逐项验证。
sign-in-step-userinfo = 向 userinfo 询问更多关于您的信息，只有当它说的是同一个人时才相信。

# 每一种响应类型与响应模式。
sign-in-answers = 可以返回什么，以何种方式返回
sign-in-answers-text = 客户端用 response_type 说明想要什么响应。只要 ID 令牌经由浏览器返回，就必须带有 nonce；其中的哈希值会绑定与它一同返回的内容。经由浏览器返回的访问令牌属于旧式做法：谁看到它，谁就能使用它（RFC 9700 §2.1.2）。
sign-in-answers-front = 经由浏览器
sign-in-answers-back = 服务器之间
sign-in-answers-traded = 用授权码换取访问令牌和 ID 令牌
sign-in-answers-nothing = 没有
sign-in-mode-query = 放在地址的问号之后。它会到达客户端的服务器，也会留在日志和历史记录里；因此只有授权码可以这样传送。
sign-in-mode-fragment = 放在地址的井号之后。它停留在浏览器里，要由客户端的脚本来读取。
sign-in-mode-form-post = 放在由浏览器提交的表单里。它会到达客户端的服务器，但不会出现在地址、日志或历史记录中。
