# 动手破坏：把已完成的流程重新执行一遍，只弄坏一个参数。

break-title = 动手破坏
break-lead = 每个按钮都会用全新的值，针对正在运行的服务真实地重新执行这个流程，只有一处是错的。随后两个流程并排显示：哪里不同、由谁拒绝、依据哪条规则。
break-guesses = 授权服务器会统计错误的密钥、密码和设备代码。为避免把自己锁在外面，五分钟内最多发送 { $secrets } 次错误密钥、{ $passwords } 次错误密码和 { $codes } 次错误代码。
break-consent = 如果当时征求过用户同意，重新执行时会再次征求：授权请求会因此带上 prompt=consent。
break-waits = 设备按本领域的时钟轮询，并遵守规定的间隔，所以每次执行需要几秒钟。由另一个机器人扮演拿着手机的人。
break-executed = 已执行 { $count } 次。
break-left-out = 本页每次显示 { $most } 次交互，其后还有 { $count } 次。
break-next = 显示后面的交互
break-from-step = 从第 { $step } 步开始显示。
break-first = 回到开头
break-step = 第 { $step } 步
break-compare = 与正常流程并排比较
break-open = 打开这个流程
break-not-demanded = 与标准的要求不符

# --- 可以做什么。后缀：Mutation::name()。
break-mutation-leave-out = 去掉
break-mutation-change-one = 改一个字符
break-mutation-use-old = 用旧的
break-mutation-send-twice = 重复发送
break-mutation-use-anothers = 用别人的
break-mutation-send-again = 把请求再发一次
break-hint-leave-out = 发送请求时不带这个参数。
break-hint-change-one = 把中间的一个字符换成另一个；如果是签名令牌，则改签名中的一个字符。
break-hint-use-old = 先把流程完整执行一遍，再把当时的值放到这里。
break-hint-send-twice = 同一个请求中出现两次，值相同。
break-hint-use-anothers = 由另一位用户执行同样的流程，或换成另一个客户端，把属于对方的值放到这里。
break-hint-send-again = 整个请求发送之后，原样再发送一次。

# --- 为什么不提供。
break-without-constant = 每次运行都一样，旧值就是现在的值。
break-without-nobodys = 对所有人都一样，别人的值就是这个值。
break-without-nobody = 这里不知道还有谁。
break-without-no-person = 这个流程没有用户参与。
break-without-clients-own = 这是客户端为自己生成的，与用户是谁无关；这里也没有别的已知客户端能生成它。
break-why-not-fragment = 这一步发生在浏览器内部：页面脚本读取了片段，片段没有发送给任何服务器。只有那个页面才能破坏这一步；上面获取令牌的请求则可以在这里破坏。

# --- 结果如何。后缀：Verdict::name()。
break-result-refused = 被拒绝，依据
break-result-accepted = 被接受
break-result-left-to-client = 没有服务器反对；必须由客户端拒绝，依据

# --- 为什么没有人拒绝，而且这是对的。
break-why-ignored = 服务器会忽略它用不到的参数：没有任何判断取决于它。
break-why-scope-default = 没有给出 scope 时，服务器采用该客户端的默认 scope，并在响应中说明实际授予了什么。
break-why-scope-narrowed = 只有请求过的才可能授予，也只有用户勾选的才会授予：令牌的权限因此变小。
break-why-mode-default = 没有给出 response mode 时，采用该响应类型的默认方式。
break-why-own-form = 这是授权服务器自己的表单，如何让用户登录由它自己决定。两个字段内容相同时，它取第一个。
break-why-code-injected = 没有 PKCE，授权码就没有与发起请求的浏览器绑定：被注入的授权码照样能兑换。所以如今必须使用 PKCE。
break-why-code-unbound = 这样授权码就没有与客户端的密钥绑定，只与 code_verifier 绑定。令牌仍然与密钥绑定。
break-why-refresh-grace = 第一次的响应可能在途中丢失。在几秒钟的宽限期内，只要后继令牌尚未使用，服务器会再次给出同一个后继令牌。
break-why-refresh-anothers = 刷新令牌绑定的是客户端，而不是客户端里的某个会话：掌握该客户端和该令牌的人，就能得到另一位用户的访问权限。因此客户端绝不能弄混令牌属于谁。
break-why-bearer-old = 访问令牌在过期之前一直有效，无论之后又颁发了多少个。所以它只有几分钟的寿命。
break-why-bearer-anothers = 持有者令牌为任何持有它的人服务：API 返回的是另一位用户的数据。只有与密钥绑定的令牌（DPoP、双向 TLS）才能让窃取者无从使用。
break-why-revoke-unknown = 服务器不认识的令牌无需撤销：客户端的愿望已经实现。
break-why-revoke-own = 它是颁发给同一个客户端的，因此该客户端可以撤销它。
break-why-introspect-own = 有权询问这个令牌的一方，也有权询问那一个。
break-why-inactive = 这个响应不是错误：它只说明令牌无效，此外什么也不透露。
break-why-hint = 它只是帮助服务器更快查找：提示有误也无妨。
break-why-several-targets = 这个参数可以出现多次：每一个都指明令牌还面向哪个 API。同一个写两遍并没有新的含义。
break-why-target-default = 不给出它时，令牌面向本领域的 API。
break-why-asserted-id = 断言本身已经说明客户端是谁：旁边的这个参数可以不带。
break-why-type-default = 不给出它时，由服务器选择颁发哪种类型的令牌。
break-why-exchange-scope = 不给出 scope 时，新令牌的权限与旧令牌相同，但不超出该客户端可以拥有的范围。
break-why-exchange-anothers = 规则限定的是该客户端可以交换哪些客户端的令牌，而不是哪位用户的：拿到另一位用户令牌的一方，就代表那位用户行事。因此令牌只能交给它所面向的一方。
break-why-device-code-anothers = 设备代码绑定的是客户端，而不是某一台设备：发送它的设备会得到另一个人所允许的权限。所以它很长，也不向任何人显示。
break-why-device-phished = 没有服务器能知道用户面前的是哪台设备：这里用户批准的是别人手中的设备，持有者将得到对该账户的访问权限。只有用户自己能发现，方法是把代码与屏幕上的核对。

# --- 为什么没有结果。后缀：JSON 中的错误名。
break-error-not-found = 记录中没有这个流程。
break-error-unknown-parameter = 这个流程在该处没有这个参数。
break-error-not-offered = 不能对这个参数这样做。
break-error-secrets-hidden = 本领域的记录隐藏了机密。没有它们就无法重新执行流程，也就无法破坏它。
break-error-incomplete = 这个流程有一部分已被移出记录，或者大到无法保留。请重新运行一次，再破坏新的流程。
break-error-nothing-to-repeat = 这个流程中没有客户端或浏览器可以重新发送的内容。
break-elsewhere-grant = 在该授权方式的页面上让它出错
break-elsewhere-paused = 在断点处改动请求
break-elsewhere-lesson = 课程里有可以尝试的办法
break-error-undecided = 在这个流程里，还没有人在另一台设备上表示同意或拒绝，所以没有结果可供比较。请先输入代码并作出决定，再来破坏它；也可以使用该授权方式页面上的按钮，或者使用断点。
break-error-clock-stopped = 本领域的时钟已停：设备会永远等下去，不再轮询。请先让时钟走起来。
break-error-needs-key = 该客户端用自己的密钥对这个流程的一部分作了一次性签名。这里没有那把密钥，无法换上新的签名。
break-error-no-password = 执行这个流程需要有人登录，但密码未知：流程中没有携带密码，该用户也不在演示人员之列。
break-error-not-reached = 重新执行时，流程没有走到这个参数。
break-error-busy = 本领域正在破坏另一个流程。请稍候一秒再试。
break-error-too-many-guesses = 错误的密码、密钥和代码暂时够多了，再继续授权服务器就会把你锁在外面。请在本领域时间的 { $seconds } 秒之后再试。
break-error-timed-out = 流程未能在半分钟内结束。也许有断点把它拦住了。
break-error-lost = 流程无法继续：某个重定向或表单没有去处。
break-error-not-recorded = 流程已经执行，但记录没有及时收到它。
break-error-unreachable = 有一个服务无法访问。
