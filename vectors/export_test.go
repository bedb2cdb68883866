package vectors_test

import (
	"encoding/json"
	"slices"
	"testing"

	"sigconform/reference"
	"sigconform/vectors"
)

// TestExport: what is exported, written and read again, has every vector that can
// be sent, and the reference accepts and rejects it as is expected.
func TestExport(t *testing.T) {
	all := vectors.Builtin().Vectors()
	data, err := json.Marshal(vectors.NewExport(all, "v1", "sha256:0"))
	if err != nil {
		t.Fatal(err)
	}
	var export vectors.Export
	if err := json.Unmarshal(data, &export); err != nil {
		t.Fatal(err)
	}
	askable := 0
	for _, v := range all {
		if v.Askable() {
			askable++
		}
	}
	if export.Count != len(export.Vectors) || export.Questions != len(export.Open) ||
		export.SharedKeyCount != len(export.SharedKey) || export.SharedKeyCount == 0 ||
		export.Count+export.Questions+export.SharedKeyCount != askable {
		t.Fatalf("%d of %d vectors, %d of %d questions, of %d", len(export.Vectors), export.Count, len(export.Open), export.Questions, askable)
	}
	validator := reference.New()
	for _, v := range slices.Concat(export.Vectors, export.Open, export.SharedKey) {
		request := reference.Request{Method: v.Method, URL: v.URL, Product: v.Product, ContentType: v.ContentType, Body: v.BodyBase64,
			Signature:         v.Signature,
			SignatureSettings: v.SignatureSettings}
		for _, key := range v.SharedKeys {
			request.SharedKeys = append(request.SharedKeys, reference.SharedKey(key))
		}
		accepted := validator.Validate(v.AuthToken, request)
		switch {
		case v.Expected == vectors.Question && v.Question == "":
			t.Errorf("%s names no question", v.ID)
		case v.Expected != vectors.Question && accepted != (v.Expected == vectors.Valid):
			t.Errorf("%s: %s, but accepted is %v", v.ID, v.Expected, accepted)
		}
	}
}
