# 打开一次交互：各个标签页、谁能看到它、协议为什么需要它。

opened-step = 第 { $step } 步，共 { $steps } 步
opened-neighbours = 前后步骤
opened-tabs = 查看这次交互的哪一部分
opened-in-browser = 在浏览器中
opened-tab-words = 通俗说明
opened-tab-request = 请求
opened-tab-response = 响应
opened-tab-parameters = 参数
opened-tab-checks = 检查
opened-tab-curl = curl
opened-facts = 其他信息
opened-realm-time = 本领域的时钟

# --- 通俗说明
opened-why = 协议为什么需要它
opened-seen = 谁能看到它
opened-seen-front = 它经过浏览器（前端通道）。用户、浏览器扩展和开发者工具都能看到；控制了这个浏览器的窃贼也能看到。
opened-seen-back = 它在服务器之间直接传输（后端通道）。浏览器始终看不到，站在用户身后的人也看不到。
opened-seen-in-browser = 只有浏览器：用户、浏览器扩展以及页面上的每个脚本。它从未被发送，所以任何服务器和日志里都没有。
opened-seen-query = 有些值位于地址的查询字符串中。地址会留在历史记录和沿途服务器的日志里，还会随 Referer 请求头传出去。
opened-seen-fragment = 有些值位于片段中，即 # 之后。它不会发送给任何服务器，但会留在地址栏和历史记录里，页面上的每个脚本都能读取。
opened-seen-logged = 有些值位于地址的查询字符串中：沿途的服务器会把它写进日志。
opened-carried = 它携带了什么
opened-carried-nothing = 没有携带任何用来追踪流程的值。
opened-place-browser-fragment = 从地址栏读出
opened-came = 结果如何
opened-said-no = 下面这项检查未通过，并决定了响应：
opened-sent-on = 这一项暂时不满足，所以浏览器被送去补上：
opened-or = 或
opened-now = 正在此刻
opened-no-checks = 这里没有执行协议检查。

# --- 报文
opened-no-request = 没有发送任何东西：这是脚本在浏览器内从地址的片段中读到的。
opened-more-headers = 其余 { $count } 个头部字段
opened-no-body = 没有正文。
opened-body-form = 表单，已解码
opened-body-raw = 传输时的原文
opened-body-raw-secret = 显示传输时的原文（其中含有秘密）
opened-no-parameters = 没有参数。

# --- curl
opened-curl-text = 在终端里发出同样的请求。授权码和已用过的刷新令牌只能用一次，所以响应可能不同：试一试，再看看你产生的流程。
opened-curl-variables = 每个秘密都以变量代替：请先设置，例如 PASSWORD 或 CLIENT_SECRET。
opened-curl-reveal = 显示带有秘密的完整命令
opened-curl-gaps = Cookie 和表单令牌从不保存，非演示环境中的秘密也不保存：请自行设置这些变量，否则 shell 会拒绝执行命令。
opened-curl-cut = 记录截断了请求体，所以这条命令发送的内容少于实际传输的内容。
opened-copy = 复制
opened-copied = 已复制。
opened-selected = 已选中：请按 Ctrl C 或 ⌘ C。

# --- 令牌，已解码
token-title = 其中的令牌，已解码
token-access = 访问令牌
token-id = ID 令牌
token-refresh = 刷新令牌
token-jwt = JWT
token-steps = 逐步验证
token-verdict-verified = 验证通过
token-verdict-refused = 不成立
token-verdict-issuer-unknown = 颁发者未知：未验证
token-verdict-keys-away = 无法取得颁发者的密钥：未验证
token-verdict-opaque = 不透明
token-opaque-text = 只有颁发它的服务器才知道它的含义：没有可以解码的内容。
token-as-of = 以这次交互的时刻为准，使用颁发者目前公布的密钥。
token-then = 相对于这次交互
token-now = 相对于本领域现在的时钟
token-unreadable = 其中的内容都无法读取。
token-open = 已解码
claim-client-id = 令牌颁发给哪个客户端。
claim-scope = 令牌可以用来做什么，以空格分隔的若干词。
claim-iss = 令牌由谁颁发。验证者使用自己信任的颁发者的密钥，而不用其他任何密钥。
claim-nonce = 授权请求中的 nonce：它把令牌与这一次登录绑定在一起。
claim-c-hash = 授权码哈希值的一半：它把 ID 令牌与同时返回的授权码绑定在一起。
claim-cnf = 持有者必须证明自己拥有的密钥：没有它，被盗的令牌毫无用处。
claim-header-cty = 内容的类型，用于内容本身又是令牌的情况。
claim-header-crit = 必须理解的扩展；不理解就必须拒绝该令牌。
claim-header-jku = 密钥集所在的地址。照着它去取，就等于让令牌自己挑选裁判。
claim-header-jwk = 令牌自带的密钥。信任它，就等于让令牌为自己作证。
claim-header-x5u = 证书所在的地址。照着它去取，就等于让令牌自己挑选裁判。
claim-header-x5c = 密钥的证书链。
claim-header-x5t = 密钥证书的哈希值。

# --- 头部字段。后缀：名称。
header-authorization = 谁在请求：持有密钥的客户端（Basic），或令牌的持有者（Bearer）。
header-www-authenticate = 在这里如何验证身份，以及刚才的尝试错在哪里。
header-content-type = 正文的类型。令牌端点接收表单，返回 JSON。
header-accept = 发送方希望得到什么类型的响应。
header-cache-control = 谁可以保留副本。令牌不得保留：no-store。
header-pragma = 同样的要求，针对 HTTP/1.0 的缓存。
header-location = 浏览器应当前往的地址：前端通道正是以这种方式传递消息。
header-retry-after = 再次尝试前应等待多少秒。
header-cookie = 浏览器与这台服务器的会话。记录从不保存 Cookie 的值。
header-set-cookie = 开始或结束浏览器的会话。HttpOnly：脚本读不到。SameSite：其他网站无法让浏览器带上它。
header-origin = 脚本或表单从哪个网站发出。
header-referer = 浏览器来自哪个页面：地址中的授权码就是这样传出去的。
header-host = 多台服务器共用一个地址时，指的是哪一台。
header-user-agent = 发出请求的程序。
header-allow = 这里接受的方法。
header-exchange-id = 这次交互在记录中的编号。Grantscope 自有。
header-x-frame-options = 不允许其他网站把这个页面嵌入自己的页面，从而骗取点击。
header-content-security-policy = 页面可以加载和运行什么，表单可以提交到哪里。
header-referrer-policy = 浏览器是否告诉下一个网站自己从哪里来。
header-access-control-allow-origin = 哪个网站的脚本可以读取这个响应（CORS）。
header-access-control-allow-headers = 这样的脚本可以发送哪些请求头。
header-access-control-allow-methods = 这样的脚本可以使用哪些方法。
header-access-control-request-headers = 脚本想要发送哪些请求头。
header-access-control-request-method = 脚本想要使用哪种方法。
header-access-control-expose-headers = 脚本可以读取响应的哪些头部字段。

# --- 为什么。后缀：端点，与 endpoint-… 各句相同。
why-in-browser = 隐式授权把令牌交给脚本，而不是服务器。片段正是绕过服务器的办法：浏览器会把它留给自己。客户端因此不需要服务器，代价则是安全：页面上运行的任何东西都能拿走令牌。
why-preflight = 除非对方的源表示同意，否则浏览器不允许脚本向另一个源发送 Authorization 之类的请求头。所以它先问一声，此时不带任何令牌。
why-auth-server-authorize = 流程从这里开始。客户端无权询问用户的密码，所以把浏览器送到唯一有权询问的一方，并说明自己是谁、想要什么、响应应当送往何处。服务器首先检查客户端和重定向 URI 是否已注册：否则陌生人就能让授权码送到自己手里。
why-auth-server-get-login = 服务器在询问能否出示照片之前，必须先知道这是谁的照片。这个页面属于授权服务器：请看地址栏。
why-auth-server-post-login = 这正是 OAuth 的意义所在：密码只交给认识它的服务器，不交给任何其他方。客户端得到的是令牌，它的权限更小，而且可以收回。
why-auth-server-get-consent = 决定权在用户，所以用户必须看清要决定的是什么：谁在请求，请求哪些权限范围。
why-auth-server-get-select-account = 可能有几个人（或一个人的几个账户）共用这个浏览器：客户端想确认得到的是正确的账户（prompt=select_account）。
why-auth-server-post-select-account = 选择在授权服务器上进行，只有它知道谁已登录。客户端只会得知被选中的账户，不会知道其他账户。
why-auth-server-post-consent = 只有用户同意，服务器才会发出授权码。表单里带有不可猜测的令牌，因此其他网站无法以用户的名义表示同意。
why-auth-server-get-logout = 结束会话端点。id_token_hint 中的 ID 令牌说明是谁请求、要结束哪个会话；只有它正是此浏览器的会话时，才不再询问。浏览器接下来只能前往客户端注册过的地址。
why-auth-server-post-logout = 用户作出答复：仅凭一个链接不能让任何人退出登录。会话结束时，其中不应延续的授权一并结束，在其中用过的每个客户端都会收到通知。
why-auth-server-get-apps = 允许过什么，就应当能看到，也应当能收回。
why-auth-server-post-apps = 用户收回曾经允许的访问：这次授权以及由它产生的一切都会被撤销。
why-auth-server-token = 客户端在令牌端点用手中的凭据（授权码、刷新令牌，或自己的凭据）换取访问令牌。
why-auth-server-token-authorization-code = 授权码经过了浏览器，可能已被别人看到，所以单凭它毫无价值。客户端在这里补上浏览器从未见过的东西：客户端密钥，以及 challenge 背后的 code verifier（PKCE）。只有这样，而且只有一次，服务器才会给出令牌。
why-auth-server-token-refresh-token = 访问令牌的有效期很短，被盗后很快就会失效。刷新令牌可以取得新的访问令牌，不必再次询问用户。它只在这两台服务器之间传输，每次使用都会换成新的：如果旧的再次出现，说明有人持有副本。
why-auth-server-token-password = 旧式做法：用户把密码输入客户端，由客户端转交。它本是从密码过渡到令牌的权宜之计。客户端会看到密码，没有征求同意的页面，也没有第二因素，所以 RFC 9700 禁止使用。
why-auth-server-token-client-credentials = 没有用户参与。客户端以自己的名义请求（例如夜间任务），并用客户端密钥证明身份。令牌只代表客户端自己，因此打不开任何人的照片。
why-auth-server-introspect = 如果 API 读不懂令牌，或者想知道它是否已被撤销，就去询问颁发它的服务器（RFC 7662）。询问者必须验证身份，这样就没有人能在这里试探令牌。
why-auth-server-revoke = 不再需要令牌时就把它交还（RFC 7009），这样捡到它的人也无法使用。对不认识的令牌，回答也一样：试探得不到任何信息。
why-auth-server-userinfo = OpenID Connect：客户端凭访问令牌询问登录的是谁。能得知多少，取决于用户同意的权限范围。
why-auth-server-jwks = 服务器用私钥为令牌签名，并在这里公布公钥。这样任何人都能验证令牌而不必询问，却没有别人能伪造。
why-auth-server-well-known-oauth-authorization-server = 不必逐个告诉客户端每个地址：服务器会描述自己（RFC 8414），包括端点、授权类型和算法。
why-auth-server-well-known-openid-configuration = 不必逐个告诉客户端每个地址：提供方会描述自己（OpenID Connect Discovery），包括端点、权限范围和算法。
why-resource-server-me = 这一切都是为了这一步：谁出示有效的令牌，API 就放行。它验证签名、颁发者、受众、有效期和权限范围，始终看不到密码。
why-resource-server-get-photos = 这一切都是为了这一步：谁出示有效的令牌，API 就放行。它验证签名、颁发者、受众、有效期和权限范围，始终看不到密码。
why-resource-server-post-photos = 写入需要比读取更大的权限：令牌的权限范围必须允许。只能读取的令牌会被拒绝：403，insufficient_scope。
why-resource-server-delete-photos-id = 删除需要比读取更大的权限：令牌的权限范围必须允许，而且照片必须属于这个用户。
why-resource-server-photos-id-picture-svg = 对 API 的每一次请求都要出示令牌：API 不保存会话。
why-resource-server-stats = 这个请求不涉及任何具体的人：客户端以自己名义取得的令牌就够了，只要权限范围允许。
why-resource-server-well-known-oauth-protected-resource = 只知道 API 的客户端可以在这里查到由哪个授权服务器保护它，以及有哪些权限范围（RFC 9728）。
why-client-app-grants-grant-run = 在浏览器离开之前，客户端生成稍后要核对的值：state（回来的是我送走的那个浏览器吗？）、nonce（ID 令牌属于这一次登录吗？）和 code verifier（PKCE），并把它们与这个浏览器的会话保存在一起。
why-client-app-callback = 响应经由浏览器返回，所以客户端不能立刻相信它。在使用授权码之前，它先检查 state 是不是交给这个浏览器的那一个，颁发者是不是自己请求的那一个。
why-client-app-callback-implicit = 重定向回到客户端，但重要的内容在 # 之后，不会被发送。服务器只能返回一个带脚本的页面，其余由脚本读取。
why-client-app-runs-run = 客户端把浏览器送到地址中不含授权码的页面，这样授权码既不留在地址栏，也不留在历史记录里。
why-client-app-runs-run-call = 这是客户端应用自己的页面。用户按下按钮，客户端用自己保管的令牌调用 API：浏览器看不到令牌。
why-client-app-runs-run-refresh = 这是客户端应用自己的页面。用户按下按钮，客户端使用自己保管的刷新令牌。
why-client-app-runs-run-revoke = 这是客户端应用自己的页面。用户按下按钮，客户端交还令牌。
why-client-app-runs-run-code = 一次试验：客户端把授权码再发送一遍。授权码只能用一次，第二次出现会被视为失窃的迹象。
why-client-app-runs-run-sign-out = 客户端为此浏览器保存一个 state，再把浏览器送往提供方的结束会话端点，并以 ID 令牌作为提示。它自己的会话暂不结束：提供方会来告知。
why-client-app-sign-in-sign-out = 客户端为此浏览器保存一个 state，再把浏览器送往提供方的结束会话端点，并以 ID 令牌作为提示。它自己的会话暂不结束：提供方会来告知。
why-client-app-signed-out = 浏览器带着当初发出的 state 返回。如果到此时两种通道都没有通知到客户端，它就在这里结束会话。
why-client-app-backchannel-logout = 服务器对服务器，不需要浏览器，也不需要 Cookie。客户端像验证 ID 令牌那样验证退出令牌，并确认它不是 ID 令牌：有事件，没有 nonce，而且从未出现过。然后丢弃该会话的令牌。
why-client-app-frontchannel-logout = 提供方页面中的一个隐藏框架。其他网站的 Cookie 在那里可能被拦截，所以由地址中的 iss 和 sid 说明是哪个会话。
