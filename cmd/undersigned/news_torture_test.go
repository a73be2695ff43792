//go:build torture && linux

package main

// maxNewsMemory is what the program may hold while it sends to a million, in bytes.
const maxNewsMemory = 150 << 20

func init() {
	newsReaders, postgresNewsReaders, newsKills = 1_000_000, 100_000, 3
	newsMeasure = func(p *program) {
		held := p.memory()
		p.t.Logf("the program has held %d MB at most since it started", held>>20)
		if held > maxNewsMemory {
			p.t.Errorf("that is more than %d MB", maxNewsMemory>>20)
		}
	}
}
