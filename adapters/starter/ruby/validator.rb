# A starter adapter: it puts your validator behind the line protocol of sigconform.
#
# 1. Put your validator into validate, between the two marks.
# 2. Run the vectors:  sigconform run -- ruby validator.rb
#
# Ruby 2.7 or later; nothing to install.

require 'json'

# Raise it where your function cannot be given such a request: the vector is skipped.
class Unsupported < StandardError; end

Request = Struct.new(:id, :auth_token, :method, :url, :product, :content_type, :body, :params, :signature, :settings, :shared_keys,
                     keyword_init: true)

# ---- BEGIN your validator ------------------------------------------------------------------------
# Returns true if the signature is right. What it raises counts as an error (a 500).
#
#   request.auth_token    String
#   request.method        String: "GET", "POST", …
#   request.url           String: as it is configured at Twilio, with the query
#   request.product       "voice", "messaging", or nil: you are not told
#   request.content_type  String, or nil: there was no such header
#   request.body          String of bytes, as request.raw_post has them
#   request.params        [[name, value], …]: the decoded form; nil where the request has no form
#   request.signature     String, or nil: there was no such header
#   request.settings      String, or nil: X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
#   request.shared_keys   Hash: the SharedKeys that the application is configured with, id => secret
def validate(request)
  # Your own function, called as your application calls it (require it above):
  #
  #   raise Unsupported, 'the application takes forms only' unless request.params || request.body.empty?
  #   params = (request.params || []).to_h # the last value of a name: if yours does so
  #   MyApp.genuine?(request.auth_token, request.url, params, request.signature.to_s)
  #
  # The official SDK (gem install twilio-ruby; require 'twilio-ruby' above):
  #
  #   sdk = Twilio::Security::RequestValidator.new(request.auth_token)
  #   form = request.params || request.body.empty?
  #   sdk.validate(request.url, form ? (request.params || []).to_h : request.body, request.signature.to_s)
  #
  # SharedKeys take two lines more. The SDK (7) knows HMAC_SHA1 alone; HMAC_SHA256 is OpenSSL::HMAC with 'sha256'.
  #
  #   secret = request.settings ? request.shared_keys[id_named_in(request.settings)] : request.auth_token
  #   return false unless secret # an id that is not known
  raise 'put your validator into validate'
end

# What validate reads of a form; write 'body' if it decodes the body itself.
USED = 'params'.freeze
# ---- END your validator --------------------------------------------------------------------------

def request_of(fields)
  body = fields.key?('bodyBase64') ? fields['bodyBase64'].unpack1('m') : fields.fetch('body', '').b
  Request.new(id: fields['id'], auth_token: fields['authToken'], method: fields['method'], url: fields['url'],
              product: fields['product'], content_type: fields['contentType'], body: body,
              params: fields['params'], signature: fields['signature'], settings: fields['signatureSettings'],
              shared_keys: fields.fetch('sharedKeys', []).to_h { |key| key.values_at('id', 'secret') })
end

def answer(request)
  used = request.params ? { used: USED } : {}
  { valid: validate(request) ? true : false, **used }
rescue Unsupported => e
  { unsupported: e.message }
rescue StandardError, ScriptError, SystemStackError => e
  { error: "#{e.class}: #{e.message}".encode('UTF-8', invalid: :replace, undef: :replace).scrub }
end

answers = $stdout.dup
answers.sync = true
$stdout = $stderr # what your code prints is no answer
$stdin.binmode.each_line do |line| # of any length
  fields = JSON.parse(line.force_encoding(Encoding::UTF_8))
  answers.write(JSON.generate({ id: fields['id'] }.merge(answer(request_of(fields)))) + "\n")
end
