<?php
// Puts twilio-php behind the validator protocol: a form is given as $_POST,
// any other body as file_get_contents('php://input').

require __DIR__ . '/vendor/autoload.php';

use Twilio\Security\RequestValidator;

function answer(array $asked): array
{
    $body = isset($asked['bodyBase64']) ? base64_decode($asked['bodyBase64']) : ($asked['body'] ?? '');
    $used = isset($asked['params']) ? 'params' : 'body';
    $isForm = isset($asked['params']) || isForm($asked['contentType'] ?? '');
    if ($isForm || ($body === '' && !isset($asked['contentType']))) {
        $data = postVariables($asked, $body);
    } else {
        $data = $body;
    }
    $validator = new RequestValidator($asked['authToken']);
    $signature = $asked['signature'] ?? null; // as $_SERVER['HTTP_X_TWILIO_SIGNATURE'], if there is no such header
    return ['valid' => $validator->validate($signature, $asked['url'], $data), 'used' => $used];
}

/** What PHP makes of the body: $_POST, which is empty for other methods. */
function postVariables(array $asked, string $body): array
{
    if (isset($asked['params'])) {
        $pairs = array_map(fn ($param) => rawurlencode($param[0]) . '=' . rawurlencode($param[1]), $asked['params']);
        $body = implode('&', $pairs);
    }
    $post = [];
    if ($asked['method'] === 'POST') {
        parse_str($body, $post);
    }
    return $post;
}

function isForm(string $contentType): bool
{
    return strtolower(trim(explode(';', $contentType)[0])) === 'application/x-www-form-urlencoded';
}

while (($line = fgets(STDIN)) !== false) {
    $asked = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    try {
        $answered = answer($asked);
    } catch (Throwable $thrown) {
        $answered = ['error' => get_class($thrown) . ': ' . $thrown->getMessage()];
    }
    echo json_encode(['id' => $asked['id']] + $answered, JSON_THROW_ON_ERROR), "\n";
    flush();
}
