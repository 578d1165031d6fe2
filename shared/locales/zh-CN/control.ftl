# 断点：扣住浏览器的页面，以及断点代为作出的应答。
hold-title = 在断点处暂停
hold-text = 这个请求在到达服务器之前停下了。浏览器将前往替它等候的页面。
hold-go = 前往
answered-title = 由断点应答
answered-text = 服务器从未收到这个请求。有人把它拦下，并代服务器作出了这个应答。
answered-on = 断点与暂停中的请求
