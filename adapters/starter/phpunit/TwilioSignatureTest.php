<?php
// Tests your validator with the vectors of sigconform, in your own test suite.
//
// 1. sigconform vectors export --out testdata      # once, and again for newer vectors; commit the file
// 2. Put your validator into validate().
// 3. phpunit TwilioSignatureTest.php
//
// known-failures.txt beside this file, if there is one, lists what is known to fail: an id and a reason on each line.
// until=2027-01-31 in the reason is the last day (UTC) on which that is excused.

use PHPUnit\Framework\TestCase;

final class TwilioSignatureTest extends TestCase
{
    // ---- BEGIN your validator --------------------------------------------------------------------
    /**
     * Returns true if the signature is right. $vector has authToken, method, url and, where the request has them,
     * product, contentType, params ([[name, value], …]) and signature; $body has the bytes.
     */
    private static function validate(array $vector, string $body): bool
    {
        throw new Exception('put your validator into validate()');
    }
    // ---- END your validator ----------------------------------------------------------------------

    private static function export(): array
    {
        static $export;
        return $export ??= json_decode(file_get_contents(__DIR__ . '/testdata/vectors.json'), true, 512, JSON_THROW_ON_ERROR);
    }

    private static function known(): array
    {
        $known = [];
        foreach (is_file(__DIR__ . '/known-failures.txt') ? file(__DIR__ . '/known-failures.txt') : [] as $line) {
            if (trim($line) !== '' && $line[0] !== '#') {
                $known[preg_split('/\s+/', trim($line))[0]] = trim($line);
            }
        }
        return $known;
    }

    /** The last day on which an entry excuses anything; today if it has none. */
    private static function until(string $entry): string
    {
        return preg_match('/\suntil=(\S*)/', $entry, $found) ? $found[1] : gmdate('Y-m-d');
    }

    public function testNoVectorIsLost(): void
    {
        $export = self::export();
        self::assertSame(1, $export['format']);
        self::assertGreaterThan(0, $export['count']);
        self::assertCount($export['count'], $export['vectors']);
        self::assertSame([], array_diff(array_keys(self::known()), array_column($export['vectors'], 'id')));
        foreach (self::known() as $entry) {
            self::assertMatchesRegularExpression('/^\d{4}-\d\d-\d\d$/', self::until($entry));
        }
    }

    public function testVectors(): void
    {
        $wrong = [];
        $known = self::known();
        foreach (self::export()['vectors'] as $vector) {
            try {
                $accepted = self::validate($vector, base64_decode($vector['bodyBase64']));
                $passed = $accepted === ($vector['expected'] === 'valid');
            } catch (Throwable $thrown) { // an error keeps a forged request out, and a genuine one
                $passed = $vector['expected'] !== 'valid';
            }
            $entry = $known[$vector['id']] ?? null;
            if (!$passed && $entry !== null && self::until($entry) < gmdate('Y-m-d')) {
                $wrong[] = 'known until ' . self::until($entry) . ", which is over: fix it, or give it another date ($entry)";
            } elseif ($passed === ($entry !== null)) {
                $says = $passed ? 'it passes: take it out of known-failures.txt' : "$vector[comment] ($vector[expected])";
                $wrong[] = "$vector[id]: $says";
            }
        }
        self::assertSame([], $wrong);
    }
}
