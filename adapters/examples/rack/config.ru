# A webhook in Sinatra with Puma, behind the Rack middleware of Twilio's SDK as its
# documentation shows it. The middleware guards the paths that match the pattern.

# The middleware alone: the rest of the SDK brings an HTTP client and an XML parser.
$LOAD_PATH.unshift(*Dir[File.join(__dir__, '.gems/gems/twilio-ruby-*/lib')])

require 'base64'
require 'openssl'
require 'sinatra/base'
require 'uri'
require 'twilio-ruby/security/request_validator'
require 'rack/twilio_webhook_authentication'

# The application: it answers with TwiML, whatever the method.
class Sms < Sinatra::Base
  disable :protection

  %i[get post put patch delete].each do |method|
    public_send(method, '/sms') do
      content_type 'text/xml'
      '<Response><Message>Hello</Message></Response>'
    end
  end
end

use Rack::TwilioWebhookAuthentication, ENV.fetch('TWILIO_AUTH_TOKEN'), '/sms'
run Sms
