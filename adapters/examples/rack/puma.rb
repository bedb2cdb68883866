bind "tcp://127.0.0.1:#{ENV.fetch('PORT')}"
environment 'production'
quiet
