package generate

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"

	"sigconform/reference"
	"sigconform/vectors"
)

// This file draws the hash of the body in the query, as Twilio gives it, or a wrong
// one: another digest, another spelling, the hash of something else, a damaged hash,
// or one under another name or in another place.

// addHash puts the hash of the body into the query.
func (d *draft) addHash(s *Source) {
	value := reference.BodyHash(d.request().Body)
	pair := reference.BodyHashParam + "=" + value
	if s.oneIn(24) {
		pair = pick(s, []string{pair + "&" + pair, "body%53HA256=" + value, reference.BodyHashParam + "=" + strings.ToUpper(value)})
	}
	d.addPair(s, pair)
}

// addOddHash gives a hash that differs from the right one in some respect.
func (d *draft) addOddHash(s *Source) {
	body := d.request().Body
	name, value := reference.BodyHashParam, reference.BodyHash(body)
	switch s.weighted(3, 2, 3, 3, 3, 1, 1) {
	case 0:
		value = spellDigest(s, d.digest(s, body))
	case 1:
		value = reference.BodyHash(d.hashedInstead(s, body))
	case 2:
		value = damaged(s, value)
	case 3:
		name = otherName(s, name)
	case 4:
		d.displaceHash(s, name+"="+value)
		return
	case 5: // twice
		d.addPair(s, name+"="+value)
		if s.oneIn(2) {
			value = damaged(s, value)
		}
	case 6: // another name as well
		d.addPair(s, otherName(s, name)+"="+value)
		value = damaged(s, value)
	}
	d.addPair(s, name+"="+value)
}

// digest returns a digest of the body, usually not the right one.
func (d *draft) digest(s *Source, body []byte) []byte {
	if s.oneIn(3) {
		right := sha256.Sum256(body)
		return right[:]
	}
	h := pick(s, []func() hash.Hash{
		sha1.New, sha512.New, md5.New, sha256.New224, sha512.New384, sha512.New512_256,
		func() hash.Hash { return hmac.New(sha256.New, []byte(d.token)) }, func() hash.Hash { return hmac.New(sha1.New, []byte(d.token)) },
	})()
	h.Write(body)
	return h.Sum(nil)
}

func spellDigest(s *Source, digest []byte) string {
	text := hex.EncodeToString(digest)
	switch s.weighted(5, 1, 3, 1, 1) {
	case 0:
		return text
	case 1:
		return strings.ToUpper(text)
	case 2:
		return escapeOnce(base64.StdEncoding.EncodeToString(digest))
	case 3:
		return pick(s, []*base64.Encoding{
			base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
		}).EncodeToString(digest)
	default:
		return pick(s, []string{"0x", "sha256=", "sha256:", "%22", "+", "%20"}) + text
	}
}

// hashedInstead returns bytes that a validator may take for the body.
func (d *draft) hashedInstead(s *Source, body []byte) []byte {
	switch s.weighted(1, 3, 1, 2, 1, 1, 1) {
	case 0:
		return nil
	case 1:
		return pick(s, rewrites)(body)
	case 2:
		return []byte(edit(s, string(body)))
	case 3:
		return body[:s.below(len(body)+1)]
	case 4:
		return []byte(d.url.String())
	case 5:
		return []byte(reference.BodyHash(body))
	default:
		return drawContent(s)
	}
}

// damaged returns a damaged digest.
func damaged(s *Source, digest string) string {
	switch s.below(5) {
	case 0:
		return ""
	case 1:
		return digest[:s.below(len(digest))]
	case 2:
		return digest + escapeOnce(pick(s, syntax))
	case 3:
		at := s.below(len(digest))
		return digest[:at] + string(lowerHex[s.below(16)]) + digest[at+1:]
	default:
		return escapeOnce(edit(s, digest))
	}
}

// otherName returns a name that a validator may take for the given one.
func otherName(s *Source, name string) string {
	switch s.weighted(3, 4, 2, 1, 1, 2) {
	case 0:
		return pick(s, []string{
			strings.ToLower(name), strings.ToUpper(name), vectors.SwapCase(name[:1]) + name[1:],
			"bodySha256", "body_sha256", "body-sha256", "sha256", "SHA256", "hash",
		})
	case 1:
		return name + pick(s, []string{"[]", "%5B%5D", "[0]", ".x", "%00", "%20", "+", ":", "x"})
	case 2:
		return pick(s, []string{"x", "%20", "+", "amp;", "?", "$", "_", "x."}) + name
	case 3: // escaped, which is a question
		at := s.below(len(name))
		return name[:at] + "%" + hex.EncodeToString([]byte{name[at]}) + name[at+1:]
	case 4: // escaped twice
		at := s.below(len(name))
		return name[:at] + "%25" + hex.EncodeToString([]byte{name[at]}) + name[at+1:]
	default:
		return escapeOnce(edit(s, name))
	}
}

// displaceHash puts the pair where it is not a parameter of the query.
func (d *draft) displaceHash(s *Source, pair string) {
	escaped := strings.Replace(pair, "=", "%3D", 1)
	switch s.below(8) {
	case 0: // nowhere
	case 1:
		d.url.Path += pick(s, []string{"/", ";", "&", "%3F", "/x&"}) + pair
	case 2:
		d.url.Fragment = "#" + pick(s, []string{"", "?", "&"}) + pair
	case 3:
		d.addPair(s, "x="+pick(s, []string{"%26", "", "?", "https://h/?", "%3F", "/", "1%0A", "%2526"})+pair)
	case 4:
		d.addPair(s, pick(s, []string{"", "x=", "x=%26"})+escaped)
	case 5:
		d.url.Userinfo = strings.Replace(pair, "=", ":", 1) + "@"
	case 6:
		contentType := pick(s, otherTypes) + "; " + pair
		if d.form {
			contentType = formTypes[0] + "; " + pair
		}
		d.contentType = &contentType
	case 7:
		if name, value, _ := strings.Cut(pair, "="); d.form {
			d.params = append(d.params, reference.Param{Name: name, Value: value})
		} else {
			d.body = append(d.body[:len(d.body):len(d.body)], "&"+pair...)
		}
	}
}
