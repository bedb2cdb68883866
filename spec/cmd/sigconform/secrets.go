package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"sigconform/reference"
	"sigconform/vectors/files"
)

// This file says where secrets come from: from the environment or a file. They are
// never a flag, and nothing prints them.

// authToken reads the token from the file, or else from the environment.
func authToken(file string) (string, error) {
	return secret(file, "TWILIO_AUTH_TOKEN", "the auth token", "--auth-token-file")
}

// secret reads a secret from the file, or else from the environment variable. The
// error names what is needed, and the flag for a file.
func secret(file, variable, what, flag string) (string, error) {
	if file != "" {
		data, err := files.Read(file, files.Token)
		return strings.TrimRight(string(data), "\r\n"), err
	}
	if value := os.Getenv(variable); value != "" {
		return value, nil
	}
	state := "is not set"
	if _, set := os.LookupEnv(variable); set {
		state = "is set to nothing"
	}
	return "", fmt.Errorf("%s is needed, and %s %s\n    export %s=…    # or name a file that holds it: %s FILE",
		what, variable, state, variable, flag)
}

// sharedKeyFlags name the SharedKeys of an application, and say where their secrets
// are: in TWILIO_SHARED_KEY_SECRET, TWILIO_SHARED_KEY_SECRET_2 and so on, or in files.
type sharedKeyFlags struct {
	SharedKey []string `help:"A SharedKey's id (beta, repeatable); secret: TWILIO_SHARED_KEY_SECRET, …_2." placeholder:"ID" sep:"none"`

	SharedKeyFile []string `help:"A file with a SharedKey's secret, for each --shared-key in turn." placeholder:"FILE" sep:"none"`
}

// sharedKeys reads the SharedKeys with their secrets, in the order of the flags.
func (f *sharedKeyFlags) sharedKeys() ([]reference.SharedKey, error) {
	switch n := len(f.SharedKeyFile); {
	case n > 0 && len(f.SharedKey) == 0:
		return nil, errors.New("--shared-key gives the id of the SharedKey whose secret is in the file")
	case n > 0 && n != len(f.SharedKey):
		return nil, fmt.Errorf("there are %d --shared-key and %d --shared-key-file; name a file for each, in the same order", len(f.SharedKey), n)
	}
	var keys []reference.SharedKey
	seen := map[string]bool{}
	for i, id := range f.SharedKey {
		if id == "" || seen[id] {
			return nil, fmt.Errorf("--shared-key %q: each SharedKey has an id of its own", id)
		}
		seen[id] = true
		file, variable := "", "TWILIO_SHARED_KEY_SECRET"
		if f.SharedKeyFile != nil {
			file = f.SharedKeyFile[i]
		}
		if i > 0 {
			variable = fmt.Sprintf("TWILIO_SHARED_KEY_SECRET_%d", i+1)
		}
		secret, err := secret(file, variable, "the secret of the SharedKey "+id, "--shared-key-file")
		if err != nil {
			return nil, err
		}
		if secret == "" {
			return nil, fmt.Errorf("%s: the secret of the SharedKey %s is empty", file, id)
		}
		keys = append(keys, reference.SharedKey{ID: id, Secret: secret})
	}
	return keys, nil
}

// words are the flags as they are repeated on a command line.
func (f *sharedKeyFlags) words() []string {
	var words []string
	for i, id := range f.SharedKey {
		words = append(words, "--shared-key", id)
		if f.SharedKeyFile != nil {
			words = append(words, "--shared-key-file", f.SharedKeyFile[i])
		}
	}
	return words
}
