// This file answers: which paths below the endpoint's can be drawn? What rewrites paths
// before the application (proxies, variables of a server) rewrites those that nobody
// configures first. But another path may lead elsewhere, to a page that refuses for
// reasons of its own. So one of each shape is tried before it is drawn.

package endpoint

import (
	"context"
	"slices"
	"strings"

	"sigconform/reference"
)

// pathShapes are the ends of paths that are drawn below the endpoint's, one of each
// shape. What is rewritten is rewritten in all of a shape.
var pathShapes = []string{
	"a", "a/b", "%61", "%7Eb", "a%20b", "a+b", "a%2Bb", "b%C3%BCcher", "a%3ab", "a;v=1", "a//b", "a/./b", "a/../b", "%2e/a",
	"a%2Fb", "O'Brien", "@a:b", "a/", "MyApp",
}

// GuardedPaths returns which of the paths that are drawn below the stand-in's lead to the
// validator at the endpoint: there a right signature is accepted, as the path is
// sent or as a proxy may rewrite it, and a wrong one is refused.
func (e *Endpoint) GuardedPaths(ctx context.Context) ([]string, error) {
	if e.isWebSocket() || e.unreachable["path"] != "" || e.url.Path == "" {
		return nil, nil
	}
	var guarded []string
	for _, end := range pathShapes {
		path := strings.TrimSuffix(e.url.Path, "/") + standInPath + "/" + end
		is, err := e.guardsPath(ctx, path)
		if err != nil {
			return nil, err
		}
		if is {
			guarded = append(guarded, end)
		}
	}
	return guarded, nil
}

// standInPath is the path of the requests that are drawn; see generate.Place.
const standInPath = "/myapp"

// guardsPath reports whether a path leads to the validator.
func (e *Endpoint) guardsPath(ctx context.Context, path string) (bool, error) {
	sent := e.url
	sent.Path = path
	accepts := func(signed, token string) (bool, error) {
		url := e.url
		url.Path = signed
		r := e.sign(e.shape.request(url, e.product), token)
		r.URL = e.shape.request(sent, e.product).URL
		reply, err := e.send(ctx, r)
		return err == nil && e.accepts(reply), err
	}
	for _, signed := range append([]string{path}, rewrittenPaths(path)...) {
		right, err := accepts(signed, e.token)
		if err != nil {
			return false, err
		}
		if right {
			e.cleaned = e.cleaned || signed != path && uncleaned.MatchString(path)
			wrong, err := accepts(signed, wrongKey)
			return err == nil && !wrong, err
		}
	}
	return false, nil
}

// rewrittenPaths are what a path becomes where it is decoded, cleaned, or cut at its
// parameters.
func rewrittenPaths(path string) []string {
	decoded := decodedPath(path)
	merged := path
	for strings.Contains(merged, "//") {
		merged = strings.ReplaceAll(merged, "//", "/")
	}
	clean := reference.RemoveDotSegments(strings.ReplaceAll(decoded, "//", "/"))
	plain, _, _ := strings.Cut(path, ";")
	var others []string
	for _, other := range []string{decoded, clean, reference.RemoveDotSegments(path), merged, plain, strings.ReplaceAll(clean, " ", "%20")} {
		if other != path && !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	return others
}

// decodedPath is a path without escapes, decoded once.
func decodedPath(path string) string {
	var decoded []byte
	for i := 0; i < len(path); i++ {
		if c, isEscape := reference.Unescape(path, i); isEscape {
			decoded = append(decoded, c)
			i += 2
			continue
		}
		decoded = append(decoded, path[i])
	}
	return string(decoded)
}
