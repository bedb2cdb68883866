package fuzz

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// This file keeps the answers that tell mistakes apart: those that are right, those
// whose cause is known, and, once a wrong answer was given, those to the vectors,
// which were written to tell mistakes apart.

const (
	// remembered is how many right answers are kept, and rememberedKnown how many
	// wrong ones whose cause is known.
	remembered, rememberedKnown = 384, 64
	// fewVectors is how many vectors a validator is sent that is not to be sent much.
	fewVectors = 150
	// vectorsInOneGo is how many vectors are sent before the time is looked at.
	vectorsInOneGo = 64
)

// evidence is what is known of a validator's answers.
type evidence struct {
	right     []observed
	known     []observed
	vectors   []dated
	isVectors bool // they have been sent
	serial    int
}

// dated is an observation, and when it was made.
type dated struct {
	diagnosis.Observation
	serial int
	wrong  bool // it failed, whatever has come of that
}

// observe returns an answer with its number.
func (e *evidence) observe(c *generate.Case, a protocol.Answer) observed {
	e.serial++
	return observed{c, a, e.serial}
}

// add keeps an answer that is as it should be.
func (e *evidence) add(o observed) {
	if isTelling(o.answer) {
		e.right = kept(e.right, o, remembered)
	}
}

// addKnown keeps a wrong answer whose cause is known.
func (e *evidence) addKnown(o observed) { e.known = kept(e.known, o, rememberedKnown) }

// kept appends to answers and keeps about the last so many.
func kept(answers []observed, o observed, most int) []observed {
	if len(answers) >= most+most/2 {
		answers = append(answers[:0], answers[len(answers)-most:]...)
	}
	return append(answers, o)
}

// sendVectors sends the vectors, once, and keeps the answers. It waits so long for them
// and no longer.
func (e *evidence) sendVectors(ctx context.Context, to *asker, most time.Duration) error {
	if e.isVectors {
		return nil
	}
	e.isVectors = true
	waited := time.Duration(0)
	for part := range slices.Chunk(selectVectors(to.Options), vectorsInOneGo) {
		if waited > most {
			break
		}
		cases := make([]protocol.Case, len(part))
		for i, v := range part {
			cases[i] = protocol.Case{ID: id(i), AuthToken: string(v.AuthToken), Request: v.Request.Reference()}
		}
		began := time.Now()
		answers, err := to.askAll(ctx, cases)
		waited += time.Since(began)
		for i, a := range answers {
			e.addVector(to.Options, part[i], a)
		}
		if err != nil {
			return err
		}
		if slices.ContainsFunc(answers, isSilence) {
			break // it costs a process, or a timeout, each time
		}
	}
	return nil
}

// tokenOf returns the token that a vector is signed with.
func tokenOf(o *Options, v *vectors.Vector) string {
	if o.At != nil {
		return o.At.Token
	}
	return string(v.AuthToken)
}

// selectVectors returns the vectors that the target can be sent: all of them in their
// order, or of each family about as many, in any order.
func selectVectors(o *Options) (selected []*vectors.Vector) {
	families := slices.Clone(vectors.Builtin().Families)
	random := rand.New(rand.NewPCG(o.Seed, 0))
	if o.Lasting {
		random.Shuffle(len(families), func(i, k int) { families[i], families[k] = families[k], families[i] })
	}
	for _, family := range families {
		of, most := family.Vectors, len(family.Vectors)
		if o.Lasting {
			of, most = slices.Clone(of), fewVectors/len(families)+1
			random.Shuffle(len(of), func(i, k int) { of[i], of[k] = of[k], of[i] })
		}
		for _, v := range of {
			if most == 0 || !v.Askable() || v.NeedsSharedKeys() && (o.keys.none || o.At != nil) {
				continue
			}
			if o.At != nil {
				moved, err := o.At.Move(v)
				if err != nil {
					continue
				}
				v = moved
			}
			most--
			selected = append(selected, v)
		}
	}
	return selected
}

// addVector keeps the answer to a vector.
func (e *evidence) addVector(o *Options, v *vectors.Vector, a protocol.Answer) {
	if !isTelling(a) {
		return
	}
	e.serial++
	accepted := a.Verdict == reference.Accept
	malleable := v.BugType() == vectors.Malleability
	failed := v.Result == vectors.Valid && !accepted || v.Result == vectors.Invalid && accepted && !malleable
	e.vectors = append(e.vectors, dated{diagnosis.Observation{
		AuthToken: tokenOf(o, v), Request: v.Request.Reference(), Verdict: a.Verdict, StringToSign: a.StringToSign,
		Open: v.Result == vectors.Question || malleable && accepted, Failed: failed,
	}, e.serial, failed})
}

// observationsOfVectors returns the answers to the vectors.
func (e *evidence) observationsOfVectors() (all []diagnosis.Observation) {
	for _, d := range e.vectors {
		all = append(all, d.Observation)
	}
	return all
}

// observations returns all answers that are kept and more, in the order in which they
// were given, and where the first of more is, if it is there. A wrong answer whose
// cause is known is a fact that no other cause may contradict.
func (e *evidence) observations(known func(dated) bool, more ...observed) (all []diagnosis.Observation, at []int) {
	var list []dated
	for _, d := range e.vectors {
		if d.Failed && known(d) {
			d.Failed = false
		}
		list = append(list, d)
	}
	for _, o := range e.right {
		list = append(list, dated{o.observation(), o.serial, false})
	}
	for _, o := range e.known {
		d := dated{o.observation(), o.serial, false}
		d.Failed = false
		list = append(list, d)
	}
	for _, o := range more {
		list = append(list, dated{o.observation(), o.serial, false})
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(list[a].serial, list[b].serial) })
	at = make([]int, len(more))
	for position, i := range order {
		all = append(all, list[i].Observation)
		if n := i - (len(list) - len(more)); n >= 0 {
			at[n] = position
		}
	}
	return all, at
}

// weigh counts the wrong answers to vectors that v gives too, and the right answers that
// it does not give.
func (e *evidence) weigh(v reference.Validator) (explained, contradicted int) {
	weigh := func(o diagnosis.Observation, isWrong bool) {
		verdict, _ := defect.Ask(v, o.AuthToken, o.Request)
		switch agrees := (verdict == reference.Accept) == (o.Verdict == reference.Accept); {
		case isWrong && agrees:
			explained++
		case !isWrong && !o.Open && !agrees:
			contradicted++
		}
	}
	for _, d := range e.vectors {
		weigh(d.Observation, d.wrong)
	}
	for _, o := range e.right {
		weigh(o.observation(), false)
	}
	return explained, contradicted
}

// giveUp leaves out of further explanations the wrong answers to vectors that
// nothing explained.
func (e *evidence) giveUp() {
	for i := range e.vectors {
		if e.vectors[i].Failed {
			e.vectors[i].Failed, e.vectors[i].Open = false, true
		}
	}
}
