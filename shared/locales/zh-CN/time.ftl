# 领域的时钟、时钟上的有效期，以及“先猜后看”。

# --- 时钟
clock-title = 本领域（realm）的时间
clock-with-the-wall = 与真实时间一致
clock-ahead = 比真实时间快 { $span }
clock-behind = 比真实时间慢 { $span }
clock-paused = 时钟已暂停
clock-held = 有请求停在断点上，时钟暂时不走
clock-minute = + 1 分钟
clock-hour = + 1 小时
clock-pause = 暂停
clock-resume = 继续走
clock-ages = 哪些东西会随它变旧？
clock-ages-yes = 服务器上一切有期限的东西：授权码、访问令牌、刷新令牌、ID 令牌、等待登录的请求（30 分钟），以及你在授权服务器上的登录会话（30 分钟不用即失效，最长 8 小时）。快进 1 小时之后你需要重新登录，就像真的过了一小时。
clock-ages-no = 不受影响的：流程记录、你在客户端应用里的运行结果，以及这些页面上的表单，它们按真实时间计算。时钟从不倒走；程序重启后重新与真实时间一致。
clock-refused = 时钟没有拨动
clock-too-far = 领域的时钟最多可以比真实时间快十年。
clock-unclear = 表单没有说明要对时钟做什么。
clock-back = 返回原页面
