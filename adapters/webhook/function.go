// This file asks a validator that cannot read standard input, a function or a
// worker behind HTTP: the validator protocol, with each request the JSON body of
// a POST of its own, and the answer the JSON body of the response.

package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// Function is a validator that answers the validator protocol over HTTP.
type Function struct {
	url    string
	client *http.Client
}

// OpenFunction returns the function at an http or https URL. How long an answer
// may take is 0 for the default.
func OpenFunction(url string, timeout time.Duration) (*Function, error) {
	parts, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	if isWebSocket(parts.Scheme) {
		return nil, errors.New("a validator behind HTTP has an http or https URL")
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return &Function{url: url, client: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: defaultParallel,
			MaxResponseHeaderBytes: maxHead},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Ask posts the cases, a few at a time and in their order. It ends with an
// error when nothing listens any more.
func (f *Function) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	return InParallel(ctx, defaultParallel, len(cases), func(ctx context.Context, i int) (func(), error) {
		answer, err := f.ask(ctx, cases[i])
		return func() { answered(i, answer) }, err
	})
}

func (f *Function) ask(ctx context.Context, c protocol.Case) (protocol.Answer, error) {
	question, err := protocol.EncodeCase(c)
	if err != nil {
		return protocol.Answer{Verdict: reference.Error, Detail: err.Error()}, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(question))
	if err != nil {
		return protocol.Answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := f.client.Do(request)
	switch timeout := (interface{ Timeout() bool })(nil); {
	case ctx.Err() != nil:
		return protocol.Answer{}, context.Cause(ctx)
	case errors.As(err, &timeout) && timeout.Timeout():
		return protocol.Answer{Verdict: reference.Timeout,
			Detail: fmt.Sprintf("no answer within %v", f.client.Timeout)}, nil
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return protocol.Answer{Verdict: reference.Died,
			Detail: "the connection was closed before there was an answer"}, nil
	case err != nil:
		return protocol.Answer{}, notDialed(request.URL.Host, err)
	}
	defer response.Body.Close()
	return readAnswer(c.ID, response).Cut(c.Request), nil
}

// readAnswer reads the answer to a case. A 5xx says that the function threw,
// whatever comes with it; any other status than 2xx says nothing.
func readAnswer(id string, response *http.Response) protocol.Answer {
	wrong := func(format string, args ...any) protocol.Answer {
		return protocol.Answer{Verdict: reference.Malformed, Detail: fmt.Sprintf(format, args...)}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, protocol.MaxLine+1))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		answer := wrong("answered %s: %s", statusText(response.StatusCode), body[:min(len(body), maxDetail)])
		if response.StatusCode >= 500 {
			answer.Verdict = reference.Error
		}
		return answer
	}
	if err != nil {
		return wrong("the answer cannot be read: %v", err)
	}
	if len(body) > protocol.MaxLine {
		return wrong("the answer is longer than %d bytes", protocol.MaxLine)
	}
	answeredID, answer, err := protocol.DecodeAnswer(body)
	if err != nil {
		return wrong("%v: %s", err, body[:min(len(body), maxDetail)])
	}
	if answeredID != id {
		return wrong("sent %q, it answered %q", id, answeredID[:min(len(answeredID), maxDetail)])
	}
	return answer
}

// Close drops the connections. It has noticed nothing.
func (f *Function) Close() []string {
	f.client.CloseIdleConnections()
	return nil
}

// InParallel does n things, a few at a time, started in their order. What do
// returns is called one at a time. The first error ends it.
func InParallel(ctx context.Context, most, n int, do func(ctx context.Context, i int) (done func(), err error)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range n {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var one sync.Mutex
	var workers sync.WaitGroup
	for range min(most, n) {
		workers.Go(func() {
			for i := range next {
				done, err := do(ctx, i)
				if err != nil {
					stop(err)
					return
				}
				if ctx.Err() != nil {
					return // what came of an interrupted request says nothing
				}
				one.Lock()
				done()
				one.Unlock()
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
