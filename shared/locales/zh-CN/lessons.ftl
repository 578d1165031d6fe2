# 课程。反引号里的内容显示为代码；RFC 6749 §4.1 会变成指向该节的链接。

# --- 各课通用
lesson-index-title = 课程
lesson-index-lead = 十节短课，按循序渐进的次序排列。每节只讲一件事，然后指向你自己最近的一次运行，让你在它真实发生的地方看到它。
lesson-index-ran = 你已运行过
lesson-section-why = 为什么会有它
lesson-section-who = 谁可以用
lesson-section-how = 它如何工作
lesson-section-wrong = 会出什么问题
lesson-section-modern = 今天该怎么做
lesson-your-run = 在你自己的运行里
lesson-run-own = 你在 { $time }（UTC）运行过它。事情就发生在这里：
lesson-run-newest = 没有找到属于这个浏览器的运行。下面是本领域（realm）中最近的一次运行，时间 { $time }（UTC）：
lesson-run-first = 这里还没有运行过任何东西。请先运行一次，之后这份清单会直接指向每一个请求。
lesson-run-code = 运行授权码方式
lesson-run-code-without-pkce = 运行一次 PKCE 出错的流程
lesson-run-implicit = 运行隐式授权
lesson-run-password = 运行密码授权
lesson-run-machine = 运行客户端凭据方式
lesson-run-refresh = 取得令牌并刷新
lesson-run-again = 再运行一次
lesson-open-run = 打开这次运行
lesson-step = 第 { $step } 步，共 { $count } 步
lesson-not-in-run = 这次运行中没有发生。
lesson-look = 仔细看
lesson-look-text = 先想好自己的答案，再展开对照。
lesson-break = 把它弄坏
lesson-compare = 把两次运行并排对照
lesson-side-by-side = 对照这两次运行
lesson-sources = 出处
lesson-neighbours = 上一课与下一课
lesson-all = 全部课程
lesson-to-knowledge = 看你的运行中谁知道什么
lesson-to-flow = 查看整个运行
lesson-to-exchange = 查看这个请求
lesson-to-break = 弄坏你的运行
lesson-to-lifetimes = 查看有效期
lesson-to-page = 前往
lesson-figure-front = 虚线：经过浏览器，浏览器看得到
lesson-figure-back = 实线：服务器对服务器
lesson-stays = 留在浏览器中
lesson-inside = 自己完成的一步
lesson-lane-browser = 浏览器
lesson-lane-client-app = 客户端应用
lesson-lane-auth-server = 授权服务器
lesson-lane-resource-server = 资源服务器

# --- 授权码
lesson-authorization-code-title = 授权码
lesson-authorization-code-lead = 客户端应用先申请一个授权码，再以服务器对服务器的方式用它换取令牌。这是最安全的授权方式，凡是拥有后端的客户端应用都应当用它（RFC 6749 §4.1）。
lesson-authorization-code-arrow-1 = “给我看我的照片”
lesson-authorization-code-arrow-2 = GET /authorize：能让这个客户端进来吗？
lesson-authorization-code-arrow-3 = 302 返回，地址里带着授权码
lesson-authorization-code-arrow-4 = GET /callback?code=…&state=…
lesson-authorization-code-arrow-5 = POST /token：授权码、客户端密钥、verifier
lesson-authorization-code-arrow-6 = 200：访问令牌
lesson-authorization-code-arrow-7 = GET /photos，出示访问令牌
lesson-authorization-code-why-1 = Alice 想让冲印店展示她的照片，但绝不能把密码交给它：有了密码，冲印店就能做她能做的一切，想做多久就做多久（RFC 6749 §1）。
lesson-authorization-code-why-2 = 于是她亲自到服务商那里登录，说明冲印店可以做什么。服务商得把这个决定告诉冲印店，而两者之间唯一的通路是她的浏览器。
lesson-authorization-code-why-3 = 浏览器不适合递送令牌：它经手的东西会留在地址栏、历史记录和日志里（RFC 9700 §4.3）。所以它只递送一个授权码，好比一张取件凭条，只能用一次，一分钟内有效。真正的令牌在没有浏览器的地方交付：服务器对服务器（RFC 6749 §1.3.1）。
lesson-authorization-code-who-1 = 任何代表用户行事、并且拥有后端的客户端应用。后端保管客户端密钥，在兑换授权码时出示（RFC 6749 §3.2.1）。
lesson-authorization-code-who-2 = 没有后端的应用，无论在手机上还是完全在浏览器里，也用这种方式。它没有密钥，由 PKCE 来顶替密钥的作用（RFC 8252 §6，RFC 9700 §2.1.1）。
lesson-authorization-code-wrong-1 = 授权码在途中被盗。单凭它没有多大用处：小偷没有客户端密钥，也没有 verifier。如果同一个授权码被兑换两次，服务器会拒绝，并撤销此前用它换到的令牌（RFC 6749 §4.1.2）。
lesson-authorization-code-wrong-2 = 授权码被送到错误的地址。因此服务器要把重定向 URI 与注册的值逐个字符比对（RFC 9700 §2.1）。
lesson-authorization-code-wrong-3 = 有人把自己的授权码塞进 Alice 的浏览器，让她的冲印店绑定到他的账户。`state` 和 PKCE 能阻止这种攻击（RFC 6749 §10.12，RFC 9700 §4.5）。
lesson-authorization-code-modern-1 = 就用它。并且：所有客户端都使用 PKCE，有密钥的也不例外（RFC 9700 §2.1.1）；重定向 URI 精确匹配；响应中带上 `iss`，让客户端知道是谁在应答（RFC 9207 §2）。
lesson-authorization-code-see-asks = 浏览器把客户端的请求带到授权服务器。读一读这个地址：谁看到它，谁就知道其中的一切。
lesson-authorization-code-see-signs-in = Alice 的密码只交给授权服务器，不交给任何别人。
lesson-authorization-code-see-decides = 她表示同意或拒绝。
lesson-authorization-code-see-code-given = 授权服务器以重定向作答，授权码就在 `Location` 里。
lesson-authorization-code-see-code-arrives = 授权码回到了这里，同时带回了出发时的 `state`。
lesson-authorization-code-see-trade = 授权码换成了令牌。这个请求与浏览器无关。
lesson-authorization-code-see-api = 令牌第一次派上用场。
lesson-authorization-code-look-1 = 哪些值曾经出现在地址栏里？
lesson-authorization-code-look-1-answer = `state`、`code_challenge` 和授权码。没有令牌，没有密钥，也没有 verifier。看表中“地址栏与历史记录”那一列。
lesson-authorization-code-look-2 = 授权码出现在地址栏里，为什么不算泄露？
lesson-authorization-code-look-2-answer = 因为单凭授权码什么也打不开。在这里它 60 秒后就失效（RFC 6749 §4.1.2 建议最长十分钟），只能用一次，而且必须与客户端密钥和 verifier 一起出示。
lesson-authorization-code-look-3 = 授权服务器凭什么知道来兑换授权码的就是冲印店？
lesson-authorization-code-look-3-answer = 凭 `Authorization` 头部里的客户端密钥（RFC 6749 §2.3.1），以及与出发时的 challenge 相匹配的 `code_verifier`（RFC 7636 §4.6）。
lesson-authorization-code-look-4 = 冲印店有没有在任何时候得知 Alice 的密码？
lesson-authorization-code-look-4-answer = 没有。在“密码”那一行，客户端应用的格子始终是空的。OAuth 的存在，就是为了这一个空格子。
lesson-authorization-code-break-1 = 把同一个授权码发送两次。哪一项检查拒绝了它？你已经拿到的令牌又会怎样？
lesson-authorization-code-break-2 = 改动 `redirect_uri` 的一个字符。授权服务器会显示自己的错误页，而不是让浏览器继续前往。此时为什么绝不能重定向（RFC 6749 §4.1.2.1）？
lesson-authorization-code-break-3 = 把授权码扣住一分多钟，再去兑换。
lesson-authorization-code-compare-1 = 与隐式授权对照：那里少了哪些请求？令牌出现在了什么地方？
lesson-authorization-code-compare-2 = 与密码授权对照：两种方式下，各有谁得知了密码？

# --- 前端通道与后端通道
lesson-channels-title = 前端通道与后端通道
lesson-channels-lead = 一个请求可以经过浏览器，也可以由服务器直接发给服务器。走哪条路，决定了谁看得见它，也就决定了它可以携带什么。
lesson-channels-arrow-1 = state、code_challenge：没有秘密
lesson-channels-arrow-2 = 302 返回：授权码
lesson-channels-arrow-3 = 授权码到达
lesson-channels-arrow-4 = 授权码、客户端密钥、verifier
lesson-channels-arrow-5 = 访问令牌、刷新令牌
lesson-channels-why-1 = 双方要交换东西，中间却隔着第三方。在 OAuth 里，这个第三方就是浏览器：客户端应用和授权服务器都能与它打交道，而一开始，双方只能通过它来联系（RFC 6749 §3.1）。
lesson-channels-how-1 = 前端通道：一台服务器以重定向作答，浏览器再向另一处发出新的请求。一条消息分成两程，每一程都会经过地址栏（RFC 6749 §1.7）。
lesson-channels-how-2 = 后端通道：客户端应用自己用 TLS 连接到 `/token`，并证明自己的身份（RFC 6749 §3.2）。浏览器甚至不知道有这回事。
lesson-channels-how-3 = 所以规则很短。可以给人看的走浏览器：请求、`state`、challenge、授权码。不能给人看的走服务器之间：客户端密钥、verifier、各种令牌（RFC 9700 §2.1.2）。
lesson-channels-wrong-1 = 地址会被记下来：在历史记录里，在沿途每台服务器和代理的日志里，页面链接到别处时还会出现在 `Referer` 里（RFC 9700 §4.2，RFC 9700 §4.3）。
lesson-channels-wrong-2 = 经过浏览器的东西，用户自己可以改，诱骗浏览器的攻击者也可以改。凡是从前端通道来的，客户端都只能当作一面之词：`state` 证明还是同一个浏览器，其余的靠后端通道来证明（RFC 6749 §10.12）。
lesson-channels-wrong-3 = `#` 之后的部分不会发送给服务器，听起来很安全。可是页面脚本读得到它，历史记录里也照样留着（RFC 9700 §4.3.2）。
lesson-channels-modern-1 = 前端通道最多只送授权码。令牌走后端通道，并且留在服务器上（RFC 9700 §2.1.2）。
lesson-channels-see-asks = 前端通道。整个请求都写在地址里。
lesson-channels-see-code-given = 一次重定向是两支箭头：这个响应向下到达浏览器……
lesson-channels-see-code-arrives = ……这个请求再从浏览器向上发出。两端的服务器从未直接对话。
lesson-channels-see-trade = 后端通道。它发出的时候，你的浏览器还在等待自己那个请求的响应。
lesson-channels-look-1 = 谁知道客户端密钥？谁知道授权码？
lesson-channels-look-1-answer = 密钥：只有客户端应用和授权服务器。授权码：除了这两方，还有浏览器。差别就在通道。
lesson-channels-look-2 = 看这次重定向：如果有人在 Alice 身后偷看，他能读到什么？
lesson-channels-look-2-answer = `code`、`state` 和 `iss`。够他碰碰运气，但不够换到令牌：他拿不出密钥，也拿不出 verifier。
lesson-channels-look-3 = 请求 `/token` 时没有 Cookie，授权服务器怎么知道是谁在请求？
lesson-channels-look-3-answer = 客户端出示自己的凭据，这里是带标识和密钥的 HTTP Basic（RFC 6749 §2.3.1）。Alice 的登录会话与后端通道无关。
lesson-channels-break-1 = 在经过浏览器时改动 `state`。谁会发现？
lesson-channels-break-2 = 运行隐式授权，看着令牌走前端通道。
lesson-channels-compare-1 = 与隐式授权对照：同一个浏览器，同一个人，令牌却换了一条路。
lesson-channels-compare-2 = 与客户端凭据对照：一个完全没有前端通道的流程。

# --- PKCE
lesson-pkce-title = 有无 PKCE 的差别
lesson-pkce-lead = PKCE 把授权码与申请它的人绑在一起：想兑换它，就必须知道一个在最初生成、从未经过浏览器的秘密（RFC 7636 §1）。
lesson-pkce-arrow-1 = 生成随机的 verifier，计算它的 SHA-256
lesson-pkce-arrow-2 = /authorize，带上哈希值 code_challenge
lesson-pkce-arrow-3 = 302 返回，带着授权码
lesson-pkce-arrow-4 = 授权码到达
lesson-pkce-arrow-5 = 授权码和 code_verifier
lesson-pkce-arrow-6 = SHA-256(verifier) 等于 challenge 吗？
lesson-pkce-why-1 = 授权码要经过浏览器，就有人可能截获它：手机上响应同一个地址的另一个应用、一份日志、一个有漏洞的页面（RFC 7636 §1）。
lesson-pkce-why-2 = 机密客户端还有密钥可以依靠，公开客户端则没有：没有 PKCE，谁拿到它的授权码，谁就拿到它的令牌。
lesson-pkce-how-1 = 在把 Alice 送走之前，客户端生成 32 个随机字节，写成 43 个字符并自己保管，这就是 verifier（RFC 7636 §4.1）。
lesson-pkce-how-2 = 它只把这些字符的 SHA-256 送出去，这就是 challenge。没有人能从哈希值倒推出 verifier（RFC 7636 §4.2）。
lesson-pkce-how-3 = 授权服务器把 challenge 和授权码存在一起。兑换授权码时，客户端出示 verifier，由服务器自己计算哈希并进行比对（RFC 7636 §4.6）。
lesson-pkce-wrong-1 = 使用 `plain` 方法：challenge 与 verifier 是同一段文字，读到第一个请求的人就两样都知道了。请用 `S256`（RFC 7636 §4.2）。
lesson-pkce-wrong-2 = 降级攻击。攻击者从请求中去掉 challenge，之后也不出示 verifier。服务器必须两头都拒绝：有 verifier 却没有 challenge，有 challenge 却没有 verifier（RFC 9700 §4.8.2）。
lesson-pkce-wrong-3 = 授权码注入。攻击者不是偷授权码，而是把自己的授权码塞进 Alice 的浏览器。这时她的客户端出示的是她自己那次运行的 verifier，两者不匹配（RFC 9700 §4.5.3）。
lesson-pkce-modern-1 = 凡是使用授权码的客户端，无论公开与否，都用 PKCE 和 `S256`。公开客户端必须用；对其他客户端，它是防范授权码注入的推荐做法（RFC 9700 §2.1.1）。
lesson-pkce-modern-2 = 它并不取代客户端密钥：密钥说明是谁在请求，PKCE 说明还是同一次运行。
lesson-pkce-see-challenge = challenge 在这里发出，就在地址栏里，谁都看得见。
lesson-pkce-see-code-arrives = 授权码在这里到达。截获它的人能得到的就这么多。
lesson-pkce-see-verifier = verifier 在这里第一次露面，服务器对服务器。打开各项检查：`pkce.s256` 会说明比对了什么。
lesson-pkce-look-1 = 兑换之前谁知道 verifier？现在谁知道？
lesson-pkce-look-1-answer = 之前：只有客户端应用。现在：还有授权服务器。浏览器：从头到尾都不知道。这就是 PKCE 的全部要义。
lesson-pkce-look-2 = 能从 challenge 倒推出 verifier 吗？
lesson-pkce-look-2-answer = 不能。SHA-256 是单向的，而 256 个随机比特也猜不出来（RFC 7636 §7.1）。
lesson-pkce-look-3 = `/token` 对 PKCE 做了哪些检查？先后顺序如何？
lesson-pkce-look-3-answer = 先看是否有 verifier（因为当初有 challenge），再看它的格式，最后看哈希值。第一项未通过的检查决定结果。
lesson-pkce-break-1 = 扮演小偷：用正确的授权码配错误的 verifier 去兑换。
lesson-pkce-break-2 = 去掉 `code_challenge`。这家服务商要求 PKCE，所以请求会立即被拒绝，根本轮不到登录。
lesson-pkce-break-3 = 兑换时去掉 `code_verifier`。
lesson-pkce-compare-1 = 一次正常的运行，与一次缺少 PKCE 或 PKCE 不匹配的运行：找出第一个不同的请求，以及作出拒绝的检查。

# --- state 与 iss
lesson-state-title = state 与 iss：认清响应
lesson-state-lead = 回调是一个任何人都能访问的地址。两个小小的参数告诉客户端该不该相信它：`state` 说明流程是从这个浏览器开始的，`iss` 说明是谁在应答。
lesson-state-arrow-1 = 生成随机的 state，与这个浏览器绑定
lesson-state-arrow-2 = /authorize?…&state=…
lesson-state-arrow-3 = 302 返回：授权码、原样的 state、iss
lesson-state-arrow-4 = GET /callback?code=…&state=…&iss=…
lesson-state-arrow-5 = state 相同？颁发者正确？然后才使用授权码
lesson-state-why-1 = Mallory 自己走流程，拿到授权码就停下来，然后用一个链接让 Alice 的浏览器打开 `/callback?code=…`，里面是他的授权码。如果客户端照单全收，Alice 就在毫不知情的情况下使用着 Mallory 的账户：她上传的一切都归了他（RFC 6749 §10.12）。
lesson-state-why-2 = 与多个授权服务器打交道的客户端还有一重担忧：响应来了，但来自哪一个？如果其中一个心怀恶意，它就能让客户端把诚实服务器给的授权码送到它手里。这叫混淆（mix-up）攻击（RFC 9207 §1）。
lesson-state-how-1 = 客户端生成一个猜不到的值，与浏览器的会话一起保存，并随请求送出。授权服务器原样返回。返回时客户端进行比对：同一个浏览器、同一个值、只用一次（RFC 6749 §4.1.1）。
lesson-state-how-2 = 授权服务器在响应中加上 `iss`，也就是它自己的名字。客户端将其与自己所请求的那一个比对，然后才去碰授权码（RFC 9207 §2.4）。
lesson-state-wrong-1 = 把常量或计数器当作 `state`：猜得到的值什么也保护不了（RFC 6749 §10.10）。
lesson-state-wrong-2 = `state` 没有与浏览器绑定：那么 Mallory 用自己的一个就行了。
lesson-state-wrong-3 = 兑换之后才检查。那时错误的授权码已经用掉了。
lesson-state-modern-1 = 先检查 `state`，再检查 `iss`，最后才兑换授权码。PKCE，或者 OpenID Connect 的 `nonce`，同样能防范伪造的回调；客户端如果确信它们有效，`state` 就可以用来携带别的内容（RFC 9700 §2.1）。
lesson-state-see-asks = `state` 随浏览器一同出发。
lesson-state-see-comes-back = 授权服务器把它原样送回，并署上自己的名字：`iss`。
lesson-state-see-checked = 客户端应用在这里审查回调。打开各项检查：`state.matches` 和 `iss.matches` 先于其他一切。
lesson-state-look-1 = `state` 是秘密吗？
lesson-state-look-1-answer = 保密不了多久：它出现在两个地址里。只要在浏览器返回之前别人不知道，用过一次之后再无用处，就足够了。
lesson-state-look-2 = 如果刷新回调页面，会发生什么？
lesson-state-look-2-answer = 客户端会拒绝。`state` 只能用一次；它分不清刷新与重放，也不需要分清。
lesson-state-look-3 = 授权服务器会检查 `state` 吗？
lesson-state-look-3-answer = 不会，它只是原样交还。只有客户端才知道它属于哪个浏览器。
lesson-state-break-1 = 带着不属于你的 `state` 返回。注意授权码没有被动用：没有发往 `/token` 的请求。
lesson-state-break-2 = 改动 `state` 的一个字符，或者干脆去掉它。

# --- scope 与同意
lesson-scopes-title = scope 与同意
lesson-scopes-lead = scope 说明令牌能用来做什么。客户端请求一些，Alice 同意其中一些，API 在每次调用时检查（RFC 6749 §3.3）。
lesson-scopes-arrow-1 = scope=photos:read photos:write
lesson-scopes-arrow-2 = 允许吗？Alice 取消勾选 photos:write
lesson-scopes-arrow-3 = 令牌，scope=photos:read
lesson-scopes-arrow-4 = GET /photos：200
lesson-scopes-arrow-5 = POST /photos：403 insufficient_scope
lesson-scopes-why-1 = 有了 Alice 的密码，冲印店什么都能做。有了令牌，它只能做 scope 里写明的事：可以查看照片，但不能删除（RFC 6749 §1）。
lesson-scopes-why-2 = 令牌一旦泄露，危害有多大取决于 scope 有多宽。所以要少请求（RFC 9700 §2.3）。
lesson-scopes-how-1 = 用空格分隔的若干名称，先后次序没有意义：`photos:read photos:write`。每个名称的含义由服务商规定（RFC 6749 §3.3）。
lesson-scopes-how-2 = 依次经过三道过滤：客户端注册了哪些，Alice 在同意页上允许哪些，这次调用需要哪些。令牌里留下的，是前两道过滤之后剩余的部分。
lesson-scopes-how-3 = 如果实际授予的与请求的不同，令牌响应必须在 `scope` 中说明（RFC 6749 §5.1）。好的客户端会读取它，并隐藏那个点了也没用的按钮。
lesson-scopes-wrong-1 = 为了省事，一次请求所有权限。人们会因此养成不看就点“允许”的习惯。应当在需要时再请求。
lesson-scopes-wrong-2 = 把 scope 当作用户本人的权限。`photos:write` 只说明应用可以尝试；这张照片是不是 Alice 的，是另一个问题，API 同样必须问。
lesson-scopes-wrong-3 = API 检查了签名，却忘了检查 scope。于是这家服务商的任何令牌都能打开任何一扇门。
lesson-scopes-modern-1 = scope 要小，按需逐步请求，并在每个端点检查。此外，一个令牌只用于一个 API，由受众（audience）限定（RFC 9700 §2.3）。
lesson-scopes-see-asks = 客户端请求了什么。
lesson-scopes-see-decides = Alice 怎么回答。她可以取消勾选个别权限。
lesson-scopes-see-granted = 实际授予了什么：见令牌响应中的 `scope`。
lesson-scopes-see-enforced = 这次调用需要什么，令牌又允许什么：检查 `scope.sufficient`。
lesson-scopes-look-1 = 在你的运行中，客户端请求了什么？
lesson-scopes-look-1-answer = 看请求中的 `scope`。`openid` 请求 ID 令牌，`offline_access` 请求刷新令牌：scope 也可以用来请求某种工作方式。
lesson-scopes-look-2 = 它与实际授予的一样吗？
lesson-scopes-look-2-answer = 与令牌响应中的 `scope` 对照。如果你取消勾选过某一项，这里就没有它，令牌也不含它。
lesson-scopes-look-3 = “读取照片需要 `photos:read`”，这是谁规定的？
lesson-scopes-look-3-answer = API，在端点上规定。客户端和授权服务器都无从知道。
lesson-scopes-break-1 = 只请求个人资料，然后去取照片：403，响应头会指出缺少的 scope（RFC 6750 §3.1）。
lesson-scopes-break-2 = 让机器请求它没有注册的 `photos:read`：`invalid_scope`，一个令牌也得不到。
lesson-scopes-compare-1 = 一次有人参与的运行，与一次机器的运行：各自征求了谁的同意？

# --- 刷新与轮换
lesson-refresh-title = 刷新与轮换
lesson-refresh-lead = 访问令牌只有几分钟寿命。刷新令牌可以换来新的，不必再打扰 Alice；又因为每个刷新令牌只能用一次，被盗的那个会自己暴露（RFC 6749 §6，RFC 9700 §4.14）。
lesson-refresh-arrow-1 = 刷新令牌 RT1
lesson-refresh-arrow-2 = 新的访问令牌，以及 RT2
lesson-refresh-arrow-3 = RT2
lesson-refresh-arrow-4 = 新的访问令牌，以及 RT3
lesson-refresh-arrow-5 = 宽限期（30 秒）过后再次使用 RT1：有人持有副本
lesson-refresh-arrow-6 = 400 invalid_grant，整个家族被撤销
lesson-refresh-why-1 = 泄露的令牌在到期之前一直有效，所以访问令牌的寿命要短。可是没有人愿意每十分钟登录一次（RFC 6749 §1.5）。
lesson-refresh-why-2 = 刷新令牌兼顾了两者。它从不发送给 API，只发送给授权服务器，并且必须连同客户端自己的凭据一起出示（RFC 6749 §6）。
lesson-refresh-how-1 = `POST /token`，`grant_type=refresh_token`。返回新的访问令牌，在这家服务商还会返回新的刷新令牌，旧的随即作废。这就是轮换（RFC 9700 §4.14.2）。
lesson-refresh-how-2 = 由同一次同意衍生出的所有刷新令牌构成一个家族。作废的刷新令牌如果再次出现，说明有两个持有者：客户端和小偷。服务器分不清谁是谁，于是撤销整个家族。客户端得让 Alice 重新走一遍流程，小偷则一无所获。
lesson-refresh-how-3 = 刷新时可以请求比原来更小的 scope，但绝不能更大（RFC 6749 §6）。
lesson-refresh-wrong-1 = 响应在途中丢失。客户端出于好意再次发送旧令牌，却可能因此失去一切。所以这台服务器有 30 秒的宽限期，过了宽限期才按被盗处理。
lesson-refresh-wrong-2 = 同一个客户端的两台服务器同时刷新。必须一台等另一台，否则其中一台会被当成小偷。
lesson-refresh-wrong-3 = 把刷新令牌放在浏览器里。它寿命很长，页面上的任何脚本都能拿走它。应当留在服务器上。
lesson-refresh-modern-1 = 对公开客户端，要么轮换，要么把刷新令牌绑定到发送方的密钥，二者必居其一（RFC 9700 §2.2.2）。退出登录时撤销令牌（RFC 7009 §2.1）。只有在 Alice 不在场时也要工作，才请求 `offline_access`（OpenID Connect Core §11）。
lesson-refresh-see-first = 第一个刷新令牌在这里与访问令牌一同到达。
lesson-refresh-see-refresh = 它在这里被兑换。比较请求和响应中的 `refresh_token`：两者不同。
lesson-refresh-see-reuse = 作废的刷新令牌在这里再次出现。打开各项检查：`refresh_token.current` 未通过。
lesson-refresh-look-1 = 按本领域的时钟，每个令牌能活多久？
lesson-refresh-look-1-answer = 看有效期条。访问令牌到期了，家族仍然活着，直到它自己的终点，或者被撤销。
lesson-refresh-look-2 = 刷新时征求了谁的同意？
lesson-refresh-look-2-answer = 没有人。没有浏览器，也没有同意页。客户端用密钥证明身份，用刷新令牌证明权利。
lesson-refresh-look-3 = 浏览器见过刷新令牌吗？
lesson-refresh-look-3-answer = 没有。只有客户端应用和授权服务器持有它，资源服务器也不知道它。
lesson-refresh-break-1 = 刷新两次，让时钟走过一分钟，再发送 RT1。然后调用 API：你的访问权限还剩下什么？
lesson-refresh-break-2 = 以另一个客户端的身份刷新。
lesson-refresh-compare-1 = 与客户端凭据对照：机器为什么得不到刷新令牌（RFC 6749 §4.4.3）？

# --- 检查 JWT
lesson-jwt-title = 检查 JWT
lesson-jwt-lead = JWT 是一份带签名的声明。谁都读得懂它，但要相信它，必须按正确的顺序做几项检查（RFC 7519 §7.2，RFC 8725 §3）。
lesson-jwt-arrow-1 = 访问令牌：头部.载荷.签名
lesson-jwt-arrow-2 = GET /photos，Authorization: Bearer …
lesson-jwt-arrow-3 = GET /jwks：公钥，隔一段时间取一次
lesson-jwt-arrow-4 = 密钥已知？算法允许？签名正确？
lesson-jwt-arrow-5 = 颁发者？受众？未过期？scope？
lesson-jwt-why-1 = API 从陌生人手里收到一个令牌。它可以每次都去问授权服务器这个令牌是否有效，这叫内省（RFC 7662 §2）。或者由令牌自己说明并附上签名，API 独自就能检查，这就是 JWT（RFC 9068 §1）。
lesson-jwt-how-1 = 三段 base64url，用点连接：头部、载荷、签名。前两段是 JSON。这是编码，不是加密（RFC 7515 §3.1）。
lesson-jwt-how-2 = 先看签名。从颁发者公开的密钥中取出 `kid` 所指的那一把，并且只接受这把密钥对应的算法（RFC 8725 §3.1）。用什么标准来检验，轮不到令牌自己做主。
lesson-jwt-how-3 = 再看声明。`iss`：是不是我们的颁发者，逐个字符相同？`aud`：是不是给我的？`exp`：还有效吗？到这时，里面的内容才值得一读（RFC 9068 §4）。
lesson-jwt-how-4 = 最后：`scope` 是否满足这次调用的需要，`sub` 又是谁。
lesson-jwt-wrong-1 = `alg: none`，或者把 RSA 公钥当作 HMAC 密钥。两者都源于轻信头部。请使用自己的算法清单（RFC 8725 §2.1）。
lesson-jwt-wrong-2 = 不检查 `aud`。于是 Alice 交给另一个 API 的令牌，也能打开你的 API（RFC 9068 §5）。
lesson-jwt-wrong-3 = 把 ID 令牌当作访问令牌。ID 令牌是给客户端的，说明谁登录了；访问令牌是给 API 的。头部的 `typ` 用来区分二者：`at+jwt`（RFC 9068 §2.1）。
lesson-jwt-wrong-4 = 签过名的令牌收不回来：到 `exp` 之前一直有效。因此寿命要短，或者 API 还是要去问一声（RFC 7009 §3）。
lesson-jwt-modern-1 = 使用现成的库，告诉它颁发者、受众和算法，并测试它会拒绝：签名错误、`aud` 错误、已过期、`alg: none`。客户端把访问令牌当作不透明的字符串，只验证 ID 令牌（OpenID Connect Core §3.1.3.7）。
lesson-jwt-see-given = 令牌在这里颁发。打开它，看解码后的头部和载荷。
lesson-jwt-see-keys = 公钥在这里取得。取到后会保存一段时间，所以并非每次运行都有这一步。
lesson-jwt-see-id-token = 客户端应用在这里逐项检查了 ID 令牌。
lesson-jwt-see-verified = API 在这里检查了访问令牌。从上往下读：这个顺序并非偶然。
lesson-jwt-look-1 = 你的访问令牌是给谁的？
lesson-jwt-look-1-answer = 看 `aud`：资源服务器的地址。持有它的客户端只是递送者，名字写在 `client_id` 里。
lesson-jwt-look-2 = 为什么先检查签名，后检查是否过期？
lesson-jwt-look-2-answer = 因为 `exp` 是否可信，全看盖在它上面的签名。在此之前，任何声明都只是谁都能写的文字。
lesson-jwt-look-3 = ID 令牌里的 `nonce` 防的是什么？
lesson-jwt-look-3-answer = 它把 ID 令牌与这次登录绑定：客户端在最初送出它，并期待它回来（OpenID Connect Core §3.1.3.7）。
lesson-jwt-look-4 = 这个令牌能用多久？
lesson-jwt-look-4-answer = 从 `iat` 到 `exp`，按本领域的时钟计算。拨动时钟，看 API 如何改变主意。
lesson-jwt-break-1 = 改动访问令牌的一个字符。哪一项检查未通过？哪些没有执行？
lesson-jwt-break-2 = 等时间过去，再用旧的令牌。前面的检查照样通过，直到某一项为止。
lesson-jwt-compare-1 = 用户的令牌与机器的令牌并排：各自的 `sub` 是什么？

# --- 客户端凭据
lesson-client-credentials-title = 客户端凭据
lesson-client-credentials-lead = 没有用户参与。客户端应用拥有后端，代表自己申请：出示自己的标识和密钥，取得令牌（RFC 6749 §4.4）。
lesson-client-credentials-arrow-1 = client_id、客户端密钥、scope=stats:read
lesson-client-credentials-arrow-2 = 200：访问令牌，sub 就是客户端
lesson-client-credentials-arrow-3 = GET /stats，出示访问令牌
lesson-client-credentials-why-1 = 夜间任务要统计冲印数量，一个服务要调用另一个服务。没有人坐在那里登录，也没有人来表示同意。
lesson-client-credentials-why-2 = 客户端当然可以在每次调用 API 时都带上密钥。有了令牌，密钥就只去一个地方，即授权服务器；API 看到的是一个寿命短、带 scope 的东西（RFC 6749 §1.3.4）。
lesson-client-credentials-who-1 = 只限机密客户端：运行在服务器上、能够保守密钥的程序（RFC 6749 §4.4）。绝不能用于分发给用户的应用：放在里面的密钥等于公开。
lesson-client-credentials-wrong-1 = 密钥写进了代码仓库。它应当放在密钥管理系统里，并且不发新版本也能更换。
lesson-client-credentials-wrong-2 = 拿它来代表用户：机器的令牌不知道是谁在请求，API 就只能相信旁边的 `user=alice`。代表用户，请用授权码。
lesson-client-credentials-wrong-3 = 客户端的标识看起来像某个人的 `sub`。API 绝不能把两者混为一谈（RFC 9700 §4.15）。
lesson-client-credentials-modern-1 = 对这一用途，它至今仍是正确的选择。比共享密钥更好的，是从不离开机器的私钥：`private_key_jwt` 或双向 TLS（RFC 9700 §2.5）。
lesson-client-credentials-modern-2 = 没有刷新令牌：客户端随时可以重新申请（RFC 6749 §4.4.3）。
lesson-client-credentials-see-asks = 一个请求，服务器对服务器。密钥进去，令牌出来。
lesson-client-credentials-see-api = 令牌派上用场。API 让它看统计数据，但不让它看任何人的照片。
lesson-client-credentials-look-1 = 有多少个请求经过浏览器？
lesson-client-credentials-look-1-answer = 就授权本身而言，一个也没有。你在客户端应用的页面上点了按钮，真正的后台任务连这一步都没有。
lesson-client-credentials-look-2 = 密钥走哪里？以什么形式？
lesson-client-credentials-look-2-answer = 放在 `Authorization` 头部，是标识和密钥的 Base64。这是编码而不是加密，只有 TLS 在保护它（RFC 6749 §2.3.1）。
lesson-client-credentials-look-3 = 有刷新令牌吗？有 ID 令牌吗？
lesson-client-credentials-look-3-answer = 都没有。没有人登录，也就无从说明谁登录了。
lesson-client-credentials-break-1 = 出示错误的密钥：401 `invalid_client`。再请求一个这个客户端没有注册的 scope。
lesson-client-credentials-break-2 = 完全不出示客户端的凭据。
lesson-client-credentials-compare-1 = 与授权码对照：这里没有的每一步，那里都是因为有一个人。

# --- 隐式授权
lesson-implicit-title = 隐式授权
lesson-implicit-lead = 客户端应用是纯前端：浏览器里的一段脚本。授权服务器把令牌直接放在地址里交给它（RFC 6749 §4.2）。如今谁也不应再用（RFC 9700 §2.1.2）。
lesson-implicit-arrow-1 = /authorize?response_type=token
lesson-implicit-arrow-2 = 302 返回：…#access_token=…
lesson-implicit-arrow-3 = # 之后的部分从不发送给任何服务器
lesson-implicit-arrow-4 = 脚本凭令牌调用 GET /photos
lesson-implicit-why-1 = 它诞生于 2012 年。那时脚本几乎无法调用另一个源，浏览器里的应用没法兑换授权码，只好把令牌放在它唯一读得到的响应里：地址（RFC 6749 §1.3.2）。
lesson-implicit-why-2 = `#` 之后的片段由浏览器自己保留，不发送给服务器。令牌正是因此被放在那里。
lesson-implicit-who-1 = 它是为浏览器里的公开客户端设计的：没有后端，也没有密钥。今天：新系统都不该用。但你应当认识它，因为老系统里还有。
lesson-implicit-wrong-1 = 令牌就在地址栏里。历史记录、扩展程序、页面上的任何脚本都能读到它（RFC 9700 §4.3.2）。
lesson-implicit-wrong-2 = 无从证明拿走令牌的是正确的程序：没有第二个请求，客户端也就没有机会出示密钥或 verifier（RFC 6749 §10.3）。
lesson-implicit-wrong-3 = 颁发给另一个应用的令牌可能被塞进来。脚本分辨不出，因为访问令牌本来就不是给它看的（RFC 6749 §10.16）。
lesson-implicit-wrong-4 = 没有刷新令牌，用户每隔几分钟就要重新走一遍（RFC 6749 §4.2.2）。
lesson-implicit-modern-1 = 带 PKCE 的授权码，纯前端应用也一样。有了 CORS，脚本如今可以调用 `/token`，PKCE 则起到密钥的作用（RFC 9700 §2.1.1）。
lesson-implicit-modern-2 = 更好的办法：给应用配一个小小的后端来保管令牌，浏览器里只放会话 Cookie。不在浏览器里的东西，脚本也偷不走。
lesson-implicit-see-asks = 请求写着 `response_type=token`：不要授权码。
lesson-implicit-see-token-given = 授权服务器作出应答。令牌就在 `Location` 里 `#` 的后面。
lesson-implicit-see-stays = 脚本从地址栏中读出令牌。没有任何服务器收到它：这一步只存在于浏览器中。
lesson-implicit-see-api = 浏览器自己调用 API，中间没有客户端的服务器。
lesson-implicit-look-1 = 与授权码相比，地址栏里多了什么？
lesson-implicit-look-1-answer = 访问令牌本身。看表中“地址栏与历史记录”那一列：在授权码流程里，这一格是空的。
lesson-implicit-look-2 = 在重定向里，`#` 之前是什么，之后又是什么？
lesson-implicit-look-2-answer = 之前只有页面的地址，之后是 `access_token`、`token_type`、`expires_in`、`scope`、`state` 和 `iss`。
lesson-implicit-look-3 = 哪个请求完全不见了？
lesson-implicit-look-3-answer = `POST /token`。一同消失的还有客户端认证、PKCE 和刷新令牌：授权码流程的安全性全靠那一步。
lesson-implicit-break-1 = 改动重定向 URI 的一个字符：令牌差点就到了陌生人手里。
lesson-implicit-break-2 = 运行之后立刻在浏览器里点“后退”，或查看历史记录。它还记得什么？
lesson-implicit-compare-1 = 与带 PKCE 的授权码对照：只多一个请求，令牌就离开了地址栏。

# --- 密码授权
lesson-password-title = 密码授权
lesson-password-lead = 用户把用户名和密码交给客户端应用，由它去换取令牌（RFC 6749 §4.3）。这是最不安全的授权方式，禁止使用（RFC 9700 §2.4）。
lesson-password-arrow-1 = Alice 的用户名和密码
lesson-password-arrow-2 = POST /token：用户名、密码、客户端密钥
lesson-password-arrow-3 = 200：访问令牌、刷新令牌
lesson-password-arrow-4 = GET /photos，出示访问令牌
lesson-password-why-1 = 它本是一座过渡的桥：一直索要密码的应用，不改登录页就能改用令牌（RFC 6749 §1.3.3）。桥是用来过的，不是用来住的。
lesson-password-who-1 = 只有当客户端应用与服务商本身一样可信：服务商自己的应用，装在自己的设备上，而且没有其他办法（RFC 6749 §4.3）。到了 RFC 9700，连这一点也不再允许。
lesson-password-wrong-1 = 客户端应用看到了密码。它会不会忘掉，没有人能够核实。有了密码，它什么都能做，不受 scope 限制（RFC 6749 §10.7）。
lesson-password-wrong-2 = 没有服务商的页面，也就没有第二因素，没有通行密钥，没有警告，没有征求同意：什么都插不进来（RFC 9700 §2.4）。
lesson-password-wrong-3 = 人们会习惯在任何地方输入服务商的密码，而下一个索要密码的表单可能来自小偷（RFC 9700 §2.4）。
lesson-password-modern-1 = 带 PKCE 的授权码，自家应用也一样。应用打开服务商的页面，密码留在那里，应用照样拿到令牌（RFC 8252 §4）。
lesson-password-modern-2 = 没有人在场，就用客户端凭据。设备没有键盘，就用设备授权（RFC 8628 §1）。
lesson-password-see-typed = 密码到达客户端应用。从这一刻起，只能指望它守信用。
lesson-password-see-trade = 客户端应用把密码连同自己的密钥转交出去。
lesson-password-see-api = 令牌派上用场。从这里开始，它看起来与别的流程毫无二致，危险正在于此。
lesson-password-look-1 = 在“谁知道什么”的表里，找出那个红色的格子。
lesson-password-look-1-answer = “密码”那一行，“客户端应用”那一列。在其他所有授权方式里，这一格都是空的。
lesson-password-look-2 = 有没有人问过 Alice，客户端应用可以做什么？
lesson-password-look-2-answer = 没有。这次运行里没有同意页。客户端说想要哪些 scope，就得到了哪些。
lesson-password-look-3 = 与授权码相比，少了哪些请求？
lesson-password-look-3-answer = `/authorize`、`/login`、`/consent` 和回调：所有本该由 Alice 亲自在服务商那里完成的事。
lesson-password-break-1 = 用一次错误的密码，再用一次错误的客户端密钥。两种拒绝并不相同：`invalid_grant` 与 `invalid_client`。
lesson-password-break-2 = 用这个密码配上另一个用户的名字。
lesson-password-compare-1 = 与授权码对照：在两次运行里，分别追踪密码的去向。
