# 动态流程图：一个流程的角色图与时序图、各个步骤、演示模式。

diagram-title = 流程图
diagram-views = 绘制方式
diagram-map = 角色图
diagram-sequence = 时序图
diagram-provider = 提供方
diagram-map-folded = 同一条线上有多次交互时，图中只画最新的一次；全部交互见下方列表。
diagram-map-all = 显示全部交互：同一条线上有多次交互时，默认只显示最新的一次
diagram-pause = 暂停跟随
diagram-resume = 继续跟随
diagram-keys = 快捷键
diagram-present = 演示
diagram-previous = 上一步
diagram-next = 下一步
diagram-open = 打开
diagram-nothing-yet = 还没有发生任何事情。
diagram-step-of = 第 { $number } 步，共 { $total } 步。
diagram-read-in-browser = 由脚本读取，只在浏览器内
diagram-fragment-stays = # 之后的部分留在这里：不会发送给任何服务器

# --- 快捷键
diagram-keys-title = 快捷键
diagram-key-next = 下一步
diagram-key-previous = 上一步
diagram-key-open = 打开这一步
diagram-key-pause = 暂停或继续跟随
diagram-key-view = 角色图或时序图
diagram-key-help = 显示或隐藏快捷键
diagram-key-full = 全屏
diagram-key-back = 返回流程
diagram-close = 关闭

# --- 在运行中的授权旁边
diagram-beside-title = 实际发生了什么
diagram-beside-text = 根据各服务器的观察实时绘制。
diagram-whole-flow = 打开完整流程

# --- 演示
diagram-present-title = { $grant }：逐步演示
diagram-back = 返回流程
diagram-checks = 作出的判断
diagram-following = 正在跟随最新一步

# --- 标签上的文字。后缀：值的种类。
diagram-value-password = 密码
diagram-value-client-secret = 客户端密钥
diagram-value-state = state
diagram-value-nonce = nonce
diagram-value-code = 授权码
diagram-value-request-uri = request_uri
diagram-value-verifier = verifier
diagram-value-challenge = challenge
diagram-value-key-thumbprint = 密钥
diagram-value-access-token = 访问令牌
diagram-value-refresh-token = 刷新令牌
diagram-value-id-token = ID 令牌
diagram-value-session-id = sid
diagram-value-logout-token = 退出令牌
diagram-value-handle = 句柄
