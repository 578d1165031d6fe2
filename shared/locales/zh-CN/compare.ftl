# 两个流程并排比较。

flow-nav-compare = 比较
compare-title = 两个流程并排比较
compare-first-flow = 第一个流程
compare-second-flow = 第二个流程
compare-first = 第一个
compare-second = 第二个
compare-swap = 交换两个流程
compare-another = 将第一个流程与另一个流程比较
compare-headline = 概要
compare-grants = 第一个流程是“{ $left }”，第二个是“{ $right }”。
compare-same = 两个流程的每一步都相同，差异仅限于每次运行都会重新生成的值。
compare-decided = { $who }在{ $flow }流程的第 { $step } 步拒绝了请求。
compare-exposed = { $value }：只在{ $flow }流程中暴露（{ $knower }）。
compare-cut = 每个流程只比较前 500 次交互：第一个流程有 { $left } 次、第二个流程有 { $right } 次未参与比较。
compare-steps = 逐步对照
compare-same-steps = { $count } 个步骤相同
compare-alone-first = 只有第一个流程有这 { $count } 个步骤
compare-alone-second = 只有第二个流程有这 { $count } 个步骤
compare-extra = 有 { $count } 项检查只在其中一个流程中执行
compare-upkeep = 元数据和公钥只需获取一次并会缓存：另一个流程沿用了缓存。
compare-own-form = 客户端应用自己的表单填写内容不同。
compare-not-there = 没有
compare-differences = 差异
compare-follow = 另有 { $count } 处差异由未通过的检查引起
compare-fits = 与 code challenge 匹配
compare-fits-not = 与 code challenge 不匹配
compare-knowledge = 谁知道什么：仅在其中一个流程成立
compare-knowledge-first = 第一个流程的全部内容
compare-knowledge-second = 第二个流程的全部内容
compare-known = { $how }，{ $step }
compare-verdicts = 仅适用于其中一个流程的评价
compare-only-first = 仅第一个流程
compare-only-second = 仅第二个流程
compare-nothing = 无
compare-fresh = 授权码、state、令牌等在每次运行时都会重新生成。只有当某个值所起的作用与另一个流程中不同，才算作差异。
compare-choose = 与哪个流程比较？
compare-choose-text = 正常流程与出错流程、使用与不使用 PKCE、授权码与隐式授权：任意两个流程都可以比较。
compare-choose-none = 记录中还没有其他流程。请再运行一个。
compare-list = 比较两个流程
compare-list-hint = 请勾选两个流程。
compare-list-pick = 选择用于比较：{ $flow }

# --- 从哪里开始不同
compare-part-only-first = 最早的差异：只有第一个流程有第 { $step } 步，{ $name }。
compare-part-only-second = 最早的差异：只有第二个流程有第 { $step } 步，{ $name }。
compare-part-added = 最早的差异在第 { $step } 步：只有第二个流程带有参数 { $name }。
compare-part-removed = 最早的差异在第 { $step } 步：只有第一个流程带有参数 { $name }。
compare-part-changed = 最早的差异在第 { $step } 步：参数 { $name } 的值不同。
compare-part-check = 最早的差异在第 { $step } 步：检查 { $name } 的结果不同。
compare-part-other = 最早的差异在第 { $step } 步：{ $name }。

# --- 什么不同
compare-what = 内容
compare-what-from = 请求方
compare-what-channel = 通道
compare-what-method = 方法
compare-what-path = 路径
compare-what-parameter = 参数
compare-what-header = 头部
compare-what-check = 检查
compare-what-status = 状态码
compare-what-failure = 没有响应的原因
