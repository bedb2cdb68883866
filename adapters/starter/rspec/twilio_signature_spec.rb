# Tests your validator with the vectors of sigconform, in your own test suite.
#
# 1. sigconform vectors export --out testdata      # once, and again for newer vectors; commit the file
# 2. Put your validator into validate.
# 3. rspec twilio_signature_spec.rb
#
# known-failures.txt beside this file, if there is one, lists what is known to fail: an id and a reason on each line.
# until=2027-01-31 in the reason is the last day (UTC) on which that is excused.

require 'json'

# ---- BEGIN your validator ------------------------------------------------------------------------
# Returns true if the signature is right. vector has authToken, method, url and, where the request has them,
# product, contentType, params ([[name, value], …]) and signature; body is a String of bytes.
def validate(_vector, _body)
  raise 'put your validator into validate'
end
# ---- END your validator --------------------------------------------------------------------------

RSpec.describe 'X-Twilio-Signature' do
  export = JSON.parse(File.read(File.join(__dir__, 'testdata/vectors.json'), encoding: 'UTF-8'))
  list = File.join(__dir__, 'known-failures.txt')
  known = File.exist?(list) ? File.readlines(list).grep_v(/\A(#|\s*\z)/).to_h { |line| [line.split.first, line.strip] } : {}
  today = Time.now.utc.strftime('%F')
  last_day = ->(id) { known[id][/\suntil=(\S*)/, 1] || today } # on which an entry excuses anything

  it 'loses no vector' do
    expect(export['format']).to eq 1
    expect(export['vectors'].size).to eq export['count']
    expect(export['count']).to be > 0
    expect(known.keys.map(&last_day)).to all(match(/\A\d{4}-\d\d-\d\d\z/))
    expect(known.keys - export['vectors'].map { |vector| vector['id'] }).to be_empty
  end

  export['vectors'].each do |vector|
    it vector['id'] do
      accepted = begin
        validate(vector, vector['bodyBase64'].unpack1('m')) ? true : false
      rescue StandardError => e # an error keeps a forged request out, and a genuine one
        vector['expected'] == 'valid' ? "raised #{e.message}" : false
      end
      passed = accepted == (vector['expected'] == 'valid')
      if known.key?(vector['id'])
        expect(passed).to be(false), 'it passes: take it out of known-failures.txt'
        over = "known until #{last_day.call(vector['id'])}, which is over: fix it, or give it another date (#{known[vector['id']]})"
        expect(last_day.call(vector['id'])).to be >= today, over
      else
        expect(passed).to be(true), "#{vector['comment']}: #{vector['expected']}, but the answer is #{accepted}"
      end
    end
  end
end
