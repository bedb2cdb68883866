# A starter adapter: it puts your validator behind the line protocol of sigconform.
#
# 1. Put your validator into validate/1, between the two marks.
# 2. Run the vectors:  sigconform run -- elixir validator.exs
#    In a Mix project:  sigconform run -- mix run --no-compile validator.exs, after mix compile
#
# Elixir 1.18 or later brings JSON; with an earlier one run it where Jason (or Erlang's jiffy) is installed.

defmodule Unsupported do
  # Raise it where your function cannot be given such a request: the vector is skipped.
  defexception [:message]
end

defmodule Validator do
  # ---- BEGIN your validator ----------------------------------------------------------------------
  # Returns true if the signature is right. What it raises counts as an error (a 500).
  #
  #   request.auth_token    string
  #   request.method        string: "GET", "POST", …
  #   request.url           string: as it is configured at Twilio, with the query
  #   request.product       "voice", "messaging", or nil: you are not told
  #   request.content_type  string, or nil: there was no such header
  #   request.body          binary
  #   request.params        [[name, value], …]: the decoded form; nil where the request has no form
  #   request.signature     string, or nil: there was no such header
  #   request.settings      string, or nil: X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
  #   request.shared_keys   map: the SharedKeys that the application is configured with, id to secret
  def validate(_request) do
    # Your own function, called as your application calls it:
    #
    #   if request.params == nil and request.body != "", do: raise(Unsupported, "the application takes forms only")
    #   params = Map.new(request.params || [], &List.to_tuple/1) # the last value of a name: if yours does so
    #   MyApp.genuine?(request.auth_token, request.url, params, request.signature)
    #
    # There is no official SDK for Elixir. SharedKeys take two lines more:
    #
    #   secret = if request.settings, do: request.shared_keys[id_named_in(request.settings)], else: request.auth_token
    #   secret != nil and signature == Base.encode64(:crypto.mac(:hmac, algorithm, secret, string_to_sign))
    raise "put your validator into validate/1"
  end

  # What validate/1 reads of a form; write "body" if it decodes the body itself.
  def used, do: "params"
  # ---- END your validator ------------------------------------------------------------------------
end

defmodule Adapter do
  def main do
    # Bytes in, bytes out: a line may be long, and is UTF-8 whatever the locale is.
    :ok = :io.setopts(:standard_io, encoding: :latin1)
    loop()
  end

  defp loop do
    case IO.binread(:stdio, :line) do
      :eof ->
        :ok

      line ->
        fields = decode(line)
        IO.binwrite(:stdio, [encode(Map.put(answer(fields), "id", fields["id"])), "\n"])
        loop()
    end
  end

  defp answer(fields) do
    request = %{
      id: fields["id"], auth_token: fields["authToken"], method: fields["method"], url: fields["url"],
      product: fields["product"], content_type: fields["contentType"], body: body(fields),
      params: fields["params"], signature: fields["signature"],
      settings: fields["signatureSettings"],
      shared_keys: Map.new(fields["sharedKeys"] || [], &{&1["id"], &1["secret"]})
    }

    used = if request.params, do: %{"used" => Validator.used()}, else: %{}

    try do
      Map.put(used, "valid", Validator.validate(request) == true)
    rescue
      why in Unsupported -> %{"unsupported" => Exception.message(why)}
      thrown -> %{"error" => Exception.message(thrown)}
    catch
      kind, value -> %{"error" => inspect({kind, value})}
    end
  end

  defp body(%{"bodyBase64" => text}), do: Base.decode64!(text)
  defp body(fields), do: Map.get(fields, "body", "")

  # apply/3, since only one of the three is there.
  defp decode(line) do
    cond do
      Code.ensure_loaded?(JSON) -> apply(JSON, :decode!, [line])
      Code.ensure_loaded?(Jason) -> apply(Jason, :decode!, [line])
      true -> apply(:jiffy, :decode, [line, [:return_maps]])
    end
  end

  defp encode(answer) do
    cond do
      Code.ensure_loaded?(JSON) -> apply(JSON, :encode!, [answer])
      Code.ensure_loaded?(Jason) -> apply(Jason, :encode!, [answer])
      true -> apply(:jiffy, :encode, [answer])
    end
  end
end

Adapter.main()
