package vectors

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// This file names the public threads in which somebody met what a vector is about.
// A thread is OWNER/REPOSITORY#NUMBER on GitHub, an issue or a pull request.

// Threads returns the vectors of each thread that one of them names.
func Threads(all []*Vector) map[string][]*Vector {
	threads := map[string][]*Vector{}
	for _, v := range all {
		for _, thread := range v.Source.Threads {
			threads[thread] = append(threads[thread], v)
		}
	}
	return threads
}

// address is the address of a thread, or of a comment in it.
var address = regexp.MustCompile(`^(?:https?://)?(?:www\.)?github\.com/([^/]+/[^/]+)/(?:issues|pull)/(\d+)(?:[/?#].*)?$`)

// OfThread returns the vectors of the thread that a person means: by its address, as
// twilio/twilio-node#1183, or without the owner. The error names the threads that
// there are.
func OfThread(all []*Vector, meant string) ([]*Vector, error) {
	name := meant
	if found := address.FindStringSubmatch(meant); found != nil {
		name = found[1] + "#" + found[2]
	}
	threads := Threads(all)
	var found []*Vector
	for thread, vectors := range threads {
		if strings.EqualFold(thread, name) || strings.HasSuffix(strings.ToLower(thread), "/"+strings.ToLower(name)) {
			found = append(found, vectors...)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no vector names the thread %s; named are %s", meant, strings.Join(slices.Sorted(maps.Keys(threads)), ", "))
	}
	inOrder := slices.DeleteFunc(slices.Clone(all), func(v *Vector) bool { return !slices.Contains(found, v) })
	return inOrder, nil
}

// ThreadURL is the address of a thread. GitHub leads from an issue's address to a
// pull request.
func ThreadURL(thread string) string {
	repository, number, _ := strings.Cut(thread, "#")
	return "https://github.com/" + repository + "/issues/" + number
}
