# Puts twilio-ruby behind the validator protocol. The SDK's Rack middleware
# decides what is signed; the URL is the one that was handed over, where the
# middleware would take it from the request.

$LOAD_PATH.unshift(*Dir[File.join(__dir__, '.gems/gems/*/lib')])

# The validator and the middleware alone: the rest of the SDK brings an HTTP
# client and an XML parser.
require 'base64'
require 'json'
require 'openssl'
require 'rack'
require 'stringio'
require 'uri'
require 'twilio-ruby/security/request_validator'
require 'rack/twilio_webhook_authentication'

MIDDLEWARE = Rack::TwilioWebhookAuthentication.new(nil, nil)

def answer(asked)
  body = asked.key?('bodyBase64') ? asked['bodyBase64'].unpack1('m') : asked.fetch('body', '')
  request = Rack::Request.new({
    'REQUEST_METHOD' => asked['method'],
    'CONTENT_TYPE' => asked['contentType'],
    'rack.input' => StringIO.new(body.b)
  }.compact)
  params = MIDDLEWARE.send(:extract_params!, request)
  validator = Twilio::Security::RequestValidator.new(asked['authToken'])
  { valid: validator.validate(asked['url'], params, asked['signature'] || ''), used: 'body' }
rescue StandardError => e
  { error: "#{e.class}: #{e.message}" }
end

$stdout.sync = true
$stdin.binmode.each_line do |line|
  asked = JSON.parse(line.force_encoding(Encoding::UTF_8))
  puts JSON.generate({ id: asked['id'] }.merge(answer(asked)))
end
