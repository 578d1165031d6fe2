## Take it away: a flow as files for other tools

flow-nav-export = 导出
export-heading = 导出此流程
export-lead = 把这条流程导出为其他工具可用的文件，内容全部取自记录。
export-title-of-client = { $grant }，客户端 { $client }
export-values-title = 机密值
export-values-redacted = 隐藏
export-values-shown = 包含全部值
export-redacted-text = 这些文件不含密码、密钥、授权码和令牌，也不含任何未确认无害的内容。流程中传递的值以名称代替，例如 ‹code 1›：同一个值无论出现在哪里，名称都相同。
export-warning-title = 这些文件包含此流程的所有密码、密钥和令牌。
export-warning-text = 它们只属于演示环境。即便如此，也不要把这样的文件发给别人：在这里养成的习惯，到别处就会酿成事故。
export-files-title = 文件
export-download = 下载
export-preview = 预览

export-format-sh = curl 脚本
export-about-sh = 可直接用 bash 运行：它扮演客户端和浏览器，完成登录、同意授权、用授权码换取令牌并调用 API，每次都使用全新的值，并把每个响应与记录逐一对照。隐藏的值从环境变量读取。

export-format-har = HAR 1.2
export-about-har = 供浏览器开发者工具和 HTTP 调试工具读取：包含每个请求和响应的标头、耗时和检查结果。
export-format-md = Markdown 报告
export-about-md = 可用于阅读、打印或提交：包含流程结果、总体评价、各方知道哪些值，以及每次交互的文字说明、参数和检查。
export-format-mmd = Mermaid
export-about-mmd = 文本形式的时序图，可放入支持 Mermaid 的维基、文档和幻灯片。

export-report-result = 结果
export-report-began = 开始时间
export-report-error = 错误
export-report-knows = 谁知道什么
export-report-value = 值
export-report-parameter = 参数
export-report-place = 位置
export-report-address-bar = 地址栏和历史记录
export-report-since = 自第 { $step } 步起

export-settings-link = 包含这些设置的链接
export-settings-hint = 链接只带有你在这里的选择，不可能含有任何机密值。
export-settings-title = 再运行一次
export-settings-text = 指向此授权方式页面的链接，带有这条流程的权限范围。链接只含设置，绝不含机密值，可以放心发给别人。

export-pictures-title = 图片
export-pictures-text = 可用于幻灯片、讲义和文档的流程图。图片只标出值的名称，从不显示值本身。
export-picture-map = 角色图
export-picture-sequence = 时序图
export-theme-light = 浅色背景
export-theme-dark = 深色背景
export-png-failed = 无法生成 PNG：此浏览器画不出这张图。SVG 的内容与之相同。
export-png-script = PNG 由浏览器绘制，需要启用 JavaScript；SVG 不需要。

export-preview-cut = 此处只显示开头，完整内容在文件中。
export-left-out = 文件只包含此流程的前 { $most } 次交互，其后 { $count } 次未收录。
export-link-title = 本流程的链接
export-link-text = 发给能访问这个客户端应用的人：只要记录还在，就会以你当前的语言打开这个流程。
