package generate

import "testing"

// BenchmarkEpisode: how long drawing, signing and judging one case takes.
func BenchmarkEpisode(b *testing.B) {
	source := Seeded(1, 0)
	cases := make([]*Case, 0, 4096)
	n := 0
	for number := uint64(0); n < b.N; number++ {
		source.Restart(1, number)
		cases = Episode(nil, source, cases[:0])
		n += len(cases)
	}
}
