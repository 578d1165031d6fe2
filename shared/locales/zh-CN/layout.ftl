# 每个页面的框架。
layout-product = Grantscope
layout-skip = 跳到正文
layout-where = 当前所在服务：
layout-nav = 本服务
layout-languages = 语言
layout-services = 三个服务
layout-realm = 领域（realm）：{ $realm }
layout-demo-title = 正在使用演示凭据。
layout-demo-text = 这些用户名和密码人尽皆知。请勿在此输入任何真实信息，并且只在自己的机器上运行本服务。

# 三个服务。后缀：Service::name()。
service-client-app = 客户端应用
service-auth-server = 授权服务器
service-resource-server = 资源服务器

# 提示框的开头。后缀：Tone::name()。
tone-info = 说明
tone-success = 成功
tone-warn = 注意
tone-error = 错误

layout-aids = 与页面有关的帮助
layout-lessons = 课程
layout-doctor = 诊断
layout-settings = 设置

# 设置。后缀：Theme::name()、TextSize::name()。
settings-title = 设置
settings-lead = 在这个浏览器中，对三个服务都有效，保留一年。
settings-theme = 主题
settings-theme-system = 跟随系统
settings-theme-light = 浅色
settings-theme-dark = 深色
settings-text = 文字大小
settings-text-normal = 正常
settings-text-large = 较大
settings-text-presenting = 演示（适合投影）
settings-language = 语言
settings-apply = 应用
settings-proposed = 本页按链接中的建议显示，但尚未作任何更改。点击“应用”即可保留。
settings-link = 分享这些设置
settings-link-text = 这个地址只携带上面的设置，别无其他。打开它的人会先看到效果，再点一下才会保留。
settings-cross-site = 这个表单来自另一个站点，因此没有作任何更改。请在此处选择并点击“应用”。
layout-language-borrowed = 本页按打开它的链接所指定的语言显示。选择一种语言即可一直使用。
layout-language-keep = 在所有页面使用这种语言
layout-link-in-language = 以当前语言打开本页的链接：

# 以不属于本服务的主机名发来的请求。
misdirected-title = 本服务不以这个主机名应答
misdirected-text = 它的地址是：

# 用于说明出错原因的页面。
request-number = 本服务的运维人员可以凭这个编号在日志中找到此请求：
