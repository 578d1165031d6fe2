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
