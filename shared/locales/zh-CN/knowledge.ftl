# 谁知道什么：各个值与可能知道它们的各方组成的矩阵。

flow-nav-knowledge = 谁知道什么
knowledge-title = 谁知道什么
knowledge-lead = 每一行是这个流程中的一个值，每一列是可能知道它的一方。有内容的单元格说明何时、如何得知，点开即可查看得知该值的那次交互。
knowledge-empty = 还没有任何值传输过。流程运行时，表格会逐步填充。
knowledge-forgotten = 这个流程中有 { $count } 次交互已经不在记录里，由它们得知的内容在此缺失。
knowledge-value = 值
knowledge-address-bar = 地址栏与历史记录
knowledge-address-bar-title = 这是一个位置，而不是参与方：地址中的内容会被看着屏幕的人、扩展程序和脚本看到，并留在历史记录里。
knowledge-known = 知道
knowledge-not-known = 不知道
knowledge-step = 第 { $step } 步
knowledge-owner = 属于 { $owner }
knowledge-numbered = { $name } { $number }
knowledge-case = { $value } · { $knower } · 第 { $step } 步
knowledge-more = 只显示前 200 个值。
knowledge-counted = 这里统计的是流程消息所携带的内容。客户端应用在自己的页面上显示给你看的内容（本应用为了教学会这样做）不计算在内。

# --- 是否合理。后缀：Exposure::name()。
knowledge-exposure-expected = 正常
knowledge-exposure-noted = 值得注意
knowledge-exposure-exposed = 已暴露

# --- 如何得知。后缀：How::name()。
knowledge-how-had = 原本持有，并发送了它
knowledge-how-in-request = 在请求中收到
knowledge-how-in-answer = 在响应中收到
knowledge-how-passed-through = 随重定向经手
knowledge-how-read-by-script = 由页面脚本读出
knowledge-how-in-address = 出现在地址中

# --- 各个值。后缀：参数名。
knowledge-value-password = 密码
knowledge-value-client-secret = 客户端密钥
knowledge-value-state = state
knowledge-value-nonce = nonce
knowledge-value-request-uri = 推送请求的引用
knowledge-value-code = 授权码
knowledge-value-code-verifier = code verifier
knowledge-value-code-challenge = code challenge
knowledge-value-jkt = 密钥指纹
knowledge-value-access-token = 访问令牌
knowledge-value-refresh-token = 刷新令牌
knowledge-value-id-token = ID 令牌

# --- 哪里有危险。后缀：规则的编号。
knowledge-rule-password-in-address = 密码出现在地址中。地址会留在历史记录以及沿途每台服务器的日志里：这个密码必须更换。
knowledge-rule-password-beyond-auth-server = 除授权服务器之外，还有别人知道用户的密码。谁拿到密码，谁就能做用户能做的一切，没有期限，也不会再次征求同意；用户还会因此习惯于到处输入密码。正因如此，密码授权不应再使用。
knowledge-rule-client-secret-in-browser = 客户端密钥到了浏览器里。能接触这个浏览器的人就能取出密钥并冒充客户端：运行在浏览器里的应用无法保守秘密。
knowledge-rule-client-secret-beyond-auth-server = 客户端密钥被出示给了授权服务器以外的一方。密钥用来证明客户端的身份，谁拿到它就能冒充客户端。
knowledge-rule-code-in-address = 授权码出现在地址中，协议本就如此设计，因此历史记录里有它，它也可能泄露。所以授权码有效期很短，只能使用一次；使用 PKCE 时，没有从不经过浏览器的 verifier，它便毫无用处。
knowledge-rule-code-verifier-in-address = code verifier 出现在地址中，因为 challenge 就是 verifier 本身（plain 方法）。看到这个地址的人就能兑换授权码，PKCE 形同虚设。S256 只发送它的哈希值。
knowledge-rule-token-in-address = 令牌出现在浏览器的地址栏里。它会由此进入历史记录，被读取页面地址的任何脚本和扩展程序得到；谁拿到它，谁就能在过期之前调用 API。正因如此，隐式授权已被“授权码 + PKCE”取代：后者的令牌从不出现在地址中。
knowledge-rule-refresh-token-at-api = 刷新令牌被发送给了 API。它只应交给授权服务器：有了它，API 就能为自己换取新的访问令牌。
