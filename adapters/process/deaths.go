package process

import (
	"fmt"
	"strings"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// This file says what the end of a program is to blame for. One that ends while
// several requests are open may have been ended by any of them: they are sent
// again one by one. A request is to blame if it was open when the program ended,
// and then, as the only one that a new process was sent, was open again when that
// ended. Any other death remains without a cause. A validator that dies now and
// then rejects requests by chance, so it is a fault of the run.

const (
	mostInARow      = 50  // deaths without an answer between before we give up
	mostInARowNew   = 3   // … if it has never answered at all
	mostUnexplained = 50  // deaths that no request is to blame for before we give up
	mostDeaths      = 250 // deaths before we give up
	closedGrace     = 500 * time.Millisecond
)

// deaths are how often, and how, a program ended by itself.
type deaths struct {
	all         int
	inARow      int
	unexplained int    // that no request is to blame for
	end         string // how it ended the last time, and what it wrote then
}

// suspect is the request that was open when the program ended last.
type suspect struct {
	set    bool // there is one: the oldest of all
	alone  bool // requests were sent one by one when it was open
	window bool // the program has ended with several open, and none of them is to blame yet
}

// cleared notes that the suspect was answered, and whether all were that were
// sent with it.
func (s *suspect) cleared(all bool) {
	s.set, s.alone = false, false
	if all {
		s.window = false
	}
}

// ended acts on the end of the program's output.
func (a *asking) ended() error {
	if a.child.closing && a.undrained() {
		return nil
	}
	return a.died()
}

func (a *asking) died() error {
	c := a.child
	lived := !c.endsWithin(closedGrace)
	c.finish(0)
	end, wrote := c.program.end(), c.stderr.take()
	if lived {
		end = "closed its standard output and ran on"
	}
	a.child = nil
	a.restarts++
	a.lost += time.Since(a.since)
	a.deaths.all++
	a.deaths.inARow++
	a.deaths.end = end + quoteStderr(wrote)
	if c.count == 1 && a.suspect.set {
		if err := a.stopsAtLongLines(end, wrote); err != nil {
			return err
		}
		a.blame(protocol.Answer{Verdict: reference.Died, Detail: "the program " + end, Stderr: wrote})
	} else {
		a.deaths.unexplained++
		a.suspect.set, a.suspect.alone = true, a.next < a.alone
		a.suspect.window = a.suspect.window || !a.suspect.alone
		a.alone = max(a.alone, a.sent)
	}
	return a.tooManyDeaths()
}

// blame answers for the suspect, which explains the death before as well, and
// that of the process that had several open.
func (a *asking) blame(answer protocol.Answer) {
	if a.suspect.window {
		a.deaths.unexplained--
	}
	if a.suspect.alone {
		a.deaths.unexplained--
	}
	a.suspect = suspect{}
	a.answered(a.next, answer)
	a.next++
}

// tooManyDeaths is an error if it is time to give up.
func (a *asking) tooManyDeaths() error {
	d, inARow := a.deaths, mostInARow
	if a.answers == 0 {
		inARow = mostInARowNew
	}
	switch {
	case d.inARow >= inARow && a.answers == 0:
		return fmt.Errorf("it never answered%s. It was started %s%s; the last time it %s", a.misstarted(), times(d.inARow), a.quoteStray(), d.end)
	case d.inARow >= inARow:
		return fmt.Errorf("the program died %s in a row, without an answer between%s: it %s", times(d.inARow), a.quoteStray(), d.end)
	case d.unexplained >= mostUnexplained, a.lost > mostLost && d.unexplained >= max(3, d.all/2):
		return d.fault()
	case d.all >= mostDeaths, a.lost > mostLost && d.all >= 3:
		return fmt.Errorf("it died %s; the last time it %s", times(d.all), d.end)
	}
	return nil
}

// fault is the error for deaths that no request is to blame for.
func (d deaths) fault() error {
	if d.unexplained <= 0 {
		return nil
	}
	return fmt.Errorf("it died %s, at no request in particular: what was open was answered when it was sent again; the last time it %s",
		times(d.unexplained), d.end)
}

// last says how it ended the last time, as the continuation of a sentence.
func (d deaths) last() string {
	if d.all == 0 {
		return ""
	}
	return "; the last time it " + d.end
}

// scannerLimit is the longest line, with its end, that Go's bufio.Scanner reads
// unless it is told otherwise.
const scannerLimit = 64 << 10

// stopsAtLongLines is an error if the request that the program ended at is one
// that Go's bufio.Scanner takes for the end of the input. The run ends there:
// that is a mistake of the program around the validator, of one line.
func (a *asking) stopsAtLongLines(end, wrote string) error {
	line, err := protocol.EncodeCase(a.cases[a.next])
	tooLong := strings.Contains(wrote, "token too long")
	if err != nil || len(line) <= scannerLimit || a.answers == 0 || !tooLong && !strings.HasSuffix(end, normalEnd) {
		return nil
	}
	return fmt.Errorf("it stops reading at a line of %d bytes (%s), as Go's bufio.Scanner does at 64 KiB; lines may be 16 MiB long. "+
		"Before the first Scan:\n    scanner.Buffer(nil, 16<<20)", len(line), quote([]byte(a.cases[a.next].ID)))
}
