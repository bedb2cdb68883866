<?php
// A starter adapter: it puts your validator behind the line protocol of sigconform.
//
// 1. Put your validator into validate(), between the two marks.
// 2. Run the vectors:  sigconform run -- php validator.php
//
// PHP 8.0 or later; nothing to install.

/** Throw it where your function cannot be given such a request: the vector is skipped. */
class Unsupported extends Exception {}

// ---- BEGIN your validator ------------------------------------------------------------------------
/**
 * Returns true if the signature is right. What it throws counts as an error (a 500).
 *
 *   $request->authToken    string
 *   $request->method       string: "GET", "POST", …
 *   $request->url          string: as it is configured at Twilio, with the query
 *   $request->product      "voice", "messaging", or null: you are not told
 *   $request->contentType  string, or null: there was no such header
 *   $request->body         string: the raw bytes, as php://input has them
 *   $request->params       array of [name, value]: the decoded form; null where the request has no form
 *   $request->signature    string, or null: there was no such header
 *   $request->signatureSettings  string, or null: X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
 *   $request->sharedKeys   array: the SharedKeys that the application is configured with, id => secret
 */
function validate(object $request): bool
{
    // Your own function, called as your application calls it (require it above):
    //
    //   if ($request->params === null && $request->body !== '') throw new Unsupported('the application takes forms only');
    //   $post = postVariables($request->params ?? []);
    //   return is_genuine($request->authToken, $request->url, $post, $request->signature ?? '');
    //
    // The official SDK (composer require twilio/sdk; require 'vendor/autoload.php' above):
    //
    //   $sdk = new Twilio\Security\RequestValidator($request->authToken);
    //   $isForm = $request->params !== null || $request->body === '';
    //   return $sdk->validate($request->signature ?? '', $request->url,
    //       $isForm ? postVariables($request->params ?? []) : $request->body);
    //
    // SharedKeys take a few lines more. The SDK (8) knows HMAC_SHA1 alone; HMAC_SHA256 is hash_hmac('sha256', …).
    //
    //   $named = $request->signatureSettings;
    //   $secret = $named === null ? $request->authToken : $request->sharedKeys[idNamedIn($named)] ?? null;
    //   if ($secret === null) return false; // an id that is not known
    throw new Exception('put your validator into validate()');
}

// What validate() reads of a form; write 'body' if it decodes the body itself.
const USED = 'params';
// ---- END your validator --------------------------------------------------------------------------

/** The parameters as PHP has them in $_POST. */
function postVariables(array $params): array
{
    parse_str(implode('&', array_map(fn ($param) => rawurlencode($param[0]) . '=' . rawurlencode($param[1]), $params)), $post);
    return $post;
}

function answer(array $fields): array
{
    $request = (object) ($fields + ['product' => null, 'contentType' => null, 'body' => '', 'params' => null, 'signature' => null,
        'signatureSettings' => null]);
    $request->sharedKeys = array_column($fields['sharedKeys'] ?? [], 'secret', 'id');
    if (isset($fields['bodyBase64'])) {
        $request->body = base64_decode($fields['bodyBase64']);
    }
    $used = isset($fields['params']) ? ['used' => USED] : [];
    try {
        return ['valid' => validate($request)] + $used;
    } catch (Unsupported $why) {
        return ['unsupported' => $why->getMessage()];
    } catch (Throwable $thrown) {
        return ['error' => get_class($thrown) . ': ' . $thrown->getMessage()];
    }
}

ini_set('display_errors', 'stderr'); // a warning on standard output would be no answer
ini_set('memory_limit', '512M');
while (($line = fgets(STDIN)) !== false) { // of any length
    $fields = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    ob_start(); // what your code prints is no answer
    $answer = answer($fields);
    fwrite(STDERR, ob_get_clean());
    fwrite(STDOUT, json_encode(['id' => $fields['id']] + $answer, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
    fflush(STDOUT);
}
