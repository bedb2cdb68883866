import os

bind = "127.0.0.1:" + os.environ["PORT"]
threads = 4
wsgi_app = "server:application"
