// This file says in words why an endpoint cannot be connected to.

package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// ErrUnreachable is the error of an endpoint that cannot be connected to.
var ErrUnreachable = errors.New("cannot connect")

// Obstacle is what a connection fails at.
type Obstacle int

const (
	Unknown        Obstacle = iota
	NothingListens          // the connection is refused
	NoSuchHost              // its name is not known
	NobodyAnswers           // no connection comes about in time
	NoTLS                   // what listens there does not speak TLS
	TLSRefused              // it does, and ends the handshake
)

// Unreachable is an [ErrUnreachable] that says why.
type Unreachable struct {
	Address  string
	Obstacle Obstacle
	Why      string // follows "cannot connect to ADDRESS: "
}

// Error is "cannot connect to", the address, and why.
func (u *Unreachable) Error() string {
	return fmt.Sprintf("%v to %s: %s", ErrUnreachable, u.Address, u.Why)
}

// Is reports that this is an [ErrUnreachable].
func (u *Unreachable) Is(target error) bool { return target == ErrUnreachable }

// notDialed says why no TCP connection came about.
func notDialed(address string, err error) *Unreachable {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	u := &Unreachable{Address: address, Why: err.Error()}
	unknown := (*net.DNSError)(nil)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) || strings.Contains(err.Error(), "actively refused"):
		u.Obstacle, u.Why = NothingListens, "nothing listens there (connection refused); is it started?"
	case errors.As(err, &unknown):
		u.Obstacle, u.Why = NoSuchHost, "no address is known for "+unknown.Name
	case isTimeout(err):
		u.Obstacle, u.Why = NobodyAnswers, "nobody answers at this address"
	}
	return u
}

// notSecured says why the handshake of TLS failed on a connection.
func notSecured(address string, err error) *Unreachable {
	u := &Unreachable{Address: address, Obstacle: TLSRefused, Why: "it ends the handshake of TLS: " + err.Error()}
	noTLS := tls.RecordHeaderError{}
	switch {
	case errors.As(err, &noTLS):
		u.Obstacle, u.Why = NoTLS, "what listens there does not speak TLS"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		u.Obstacle, u.Why = NoTLS, "it closes the connection at the handshake of TLS, as what speaks plain HTTP does"
	case isTimeout(err):
		u.Obstacle, u.Why = NoTLS, "it says nothing to the handshake of TLS, as what speaks plain HTTP may do"
	}
	return u
}

func isTimeout(err error) bool {
	var wait net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &wait) && wait.Timeout()
}
