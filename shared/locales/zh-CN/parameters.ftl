# 每个参数一句话。键：parameter-<名称>，其中 _ 写作 -（shared::page::key_of）。
