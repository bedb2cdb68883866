// This file answers: is a WebSocket open, after a handshake was answered 101? The
// rules are
//
//   - A 101 is one if Upgrade, Connection and Sec-WebSocket-Accept are right: no client
//     goes on otherwise.
//   - The connection must live. What comes is read on for a while, and an open one is
//     closed politely, with 1000.
//   - What follows another answer on the same connection belongs to that answer: a
//     refusal that is followed by a 101 is not a refusal.

package webhook

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"time"
)

// Socket is what came of a handshake that was answered 101.
type Socket struct {
	Wrong  string        // what is wrong with the answer's headers; "" if they are right
	Spoke  bool          // the application sent something
	Closed bool          // it closed the connection, or dropped it
	Code   int           // it closed it with; 0 for none
	Lived  time.Duration // how long it was watched, or lived
}

const (
	// liveFor is how long an accepted handshake is read on, unless its delivery
	// says otherwise.
	liveFor = 500 * time.Millisecond
	// mostFrames is how many frames are read meanwhile.
	mostFrames = 8

	opClose = 8
)

// socketGUID is what a key is hashed with (RFC 6455, section 1.3).
const socketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// watch reads on after a 101, for as long as the connection is to live, and closes
// an open one.
func (conn *connection) watch(header http.Header, key string, living time.Duration) *Socket {
	s := &Socket{Wrong: wrongUpgrade(header, key)}
	if s.Wrong != "" {
		return s
	}
	began := time.Now()
	defer func() { s.Lived = time.Since(began) }()
	conn.limit.N = maxBody
	conn.SetReadDeadline(began.Add(living))
	for range mostFrames {
		op, payload, err := readFrame(conn.reader)
		switch {
		case err != nil && timedOut(err):
			conn.hangUp()
			return s
		case err != nil:
			s.Closed = true
			return s
		case op == opClose:
			if s.Closed = true; len(payload) >= 2 {
				s.Code = int(binary.BigEndian.Uint16(payload))
			}
			return s
		case op < opClose:
			s.Spoke = true
		}
	}
	conn.hangUp()
	return s
}

// wrongUpgrade says what is wrong with the headers of a 101; "" if nothing is.
func wrongUpgrade(header http.Header, key string) string {
	sum := sha1.Sum([]byte(key + socketGUID))
	switch {
	case !strings.EqualFold(header.Get("Upgrade"), "websocket"):
		return "no Upgrade: websocket"
	case !strings.Contains(strings.ToLower(strings.Join(header.Values("Connection"), ",")), "upgrade"):
		return "no Connection: Upgrade"
	case header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]):
		return "no right Sec-WebSocket-Accept"
	}
	return ""
}

// readFrame reads one frame of a server, which masks none.
func readFrame(r *bufio.Reader) (op byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	switch length {
	case 126:
		var more [2]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return 0, nil, err
		}
		length = uint64(binary.BigEndian.Uint16(more[:]))
	case 127:
		var more [8]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(more[:])
	}
	// More than is read at all ends as a connection does that is closed.
	payload, err = io.ReadAll(io.LimitReader(r, int64(min(length, maxBody))))
	if err == nil && uint64(len(payload)) < length {
		err = io.ErrUnexpectedEOF
	}
	return head[0] & 0x0f, payload, err
}

// hangUp sends the frame that closes a connection in peace: masked, as a client's is.
func (conn *connection) hangUp() {
	conn.SetWriteDeadline(time.Now().Add(liveFor))
	const normal = 1000
	conn.Write([]byte{0x80 | opClose, 0x80 | 2, 0, 0, 0, 0, normal >> 8, normal & 0xff})
}

// acceptsBehind reports whether a 101 stands where the body of another answer should: an
// application that goes on after its refusal leaves that without an end.
func (conn *connection) acceptsBehind() bool {
	conn.SetReadDeadline(time.Now().Add(linger))
	conn.reader.Peek(1)
	come, _ := conn.reader.Peek(conn.reader.Buffered())
	return bytes.Contains(come, []byte("HTTP/1.1 101"))
}

// acceptedLater reports whether a 101 stands behind an answer that refuses.
func (conn *connection) acceptedLater() bool {
	conn.SetReadDeadline(time.Now().Add(linger))
	rest, _ := conn.reader.Peek(len("HTTP/1.1 101"))
	return bytes.HasPrefix(rest, []byte("HTTP/1.")) && bytes.HasSuffix(rest, []byte(" 101"))
}
