# 绑定密钥的令牌（RFC 9449）、要求重新登录（RFC 9470）、用令牌换令牌（RFC 8693）：
# 用于授权码许可页面和一次运行的页面。

# --- 运行之前的选择
proof-choice = 将令牌绑定到密钥
proof-choice-text = 冲印店为这次运行生成一对密钥，并保存在自己的服务器上。在授权码产生之前，它就出示密钥的指纹（dpop_jkt），并为每个请求签署一份证明（DPoP，RFC 9449）。

# --- 一次运行的页面
proof-bound-title = 已绑定密钥
proof-bound-text = 这些令牌并非谁拿到谁就能用。出示访问令牌的一方必须用它所指明的密钥为每个请求签名，内容包括方法、URL、时间和令牌的哈希（RFC 9449 §4.2）。密钥从未离开冲印店的服务器。
proof-bound-jkt = 密钥的指纹（RFC 7638）。访问令牌在声明 cnf 中写着同样的值。
proof-stolen-title = 被盗的令牌毫无用处
proof-stolen-text = 有人在日志里看到了访问令牌。像窃贼那样发送它：只有令牌，没有密钥。API 会真的拒绝它。
proof-stolen-button = 不带密钥出示令牌
proof-refused = 401：没有密钥不行
proof-refused-text = 令牌绑定了密钥，却没有附带密钥的证明。只拿到令牌的人，什么也没拿到。
step-up-title = 当登录过于久远
step-up-text = 查看照片，今天早上的登录就够了；删除照片，API 要求最近五分钟内的登录。把本域的时钟拨快五分钟，然后删除：API 会回答 insufficient_user_authentication，并说明怎样才够（RFC 9470 §3）。
step-up-delete = 删除最早的照片
step-up-demand = API 要求重新登录
step-up-demand-text = 令牌是好的，但它背后的登录还不够。冲印店可以再请求一次：用 API 指明的要求发出新的授权请求，之后再次进行同样的调用（RFC 9470 §4）。
step-up-sign-in = 重新登录并继续
lab-title = 转交调用
lab-text = 冲印店自己不冲印，由它背后的冲印实验室来做，而实验室需要照片。如果冲印店把自己的令牌交出去，API 就分不清两者，实验室也能做冲印店能做的一切。
lab-step-1 = 冲印店把访问令牌交给实验室，服务器对服务器。
lab-step-2 = 实验室在令牌端点交换它：出示冲印店的令牌（subject_token）和自己的令牌（actor_token），并请求更少的权限（RFC 8693 §2.1）。
lab-step-3 = 新令牌代表同一个人，并在声明 act 中写明由实验室代为行动。实验室用它取得照片，仅此而已。
lab-button = 把令牌交给实验室

# --- 传输的内容
parameter-dpop-jkt = 将来兑换授权码所用密钥的指纹：偷走授权码的人没有这个密钥（RFC 9449 §10）。
parameter-subject-token = 被交换的令牌：新令牌以谁的名义说话（RFC 8693 §2.1）。
parameter-subject-token-type = 主体令牌是哪一种令牌。
parameter-actor-token = 代此人行动的一方的令牌（RFC 8693 §2.1）。
parameter-actor-token-type = 行动方令牌是哪一种令牌。
parameter-requested-token-type = 希望换得哪一种令牌。
parameter-issued-token-type = 换得的是哪一种令牌。
header-dpop = 持有证明：由令牌所绑定的密钥签名，只用于这一个请求（RFC 9449 §4）。
header-dpop-nonce = 服务器给出的值，下一份证明必须带上它，因此证明无法事先做好（RFC 9449 §8）。
claim-act = 谁在代此人行动；其中再写着之前是谁（RFC 8693 §4.1）。
claim-may-act = 谁可以代此人行动（RFC 8693 §4.4）。
claim-htm = 证明是为哪个方法制作的。
claim-htu = 证明是为哪个 URL 制作的，不含查询部分。
claim-ath = 与证明一同出示的访问令牌的哈希。
token-proof = DPoP 证明
