package adapters

import (
	"context"

	"sigconform/adapters/process"
	"sigconform/adapters/protocol"
)

// AskAlone sends one case to a validator like v that was sent nothing before: a
// new process, which ends afterwards. Possible is false if there can be no new process: a server
// that somebody else has started remembers what it remembers.
func AskAlone(ctx context.Context, v Validator, c protocol.Case) (answer protocol.Answer, possible bool, err error) {
	switch v := v.(type) {
	case builtin, *process.Oneshot: // they remember nothing
		err = v.Ask(ctx, []protocol.Case{c}, func(_ int, a protocol.Answer) { answer = a })
		return answer, true, err
	case *process.Process:
		another, err := v.Another()
		if err != nil {
			return answer, true, err
		}
		defer another.Close()
		err = another.Ask(ctx, []protocol.Case{c}, func(_ int, a protocol.Answer) { answer = a })
		return answer, true, err
	}
	return answer, false, nil
}
