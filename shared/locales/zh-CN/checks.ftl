# 每项检查一句话。键：check-<id>，其中 . 和 _ 写作 -（shared::page::key_of）。
# 告诉学习者：检查什么、为什么检查。
