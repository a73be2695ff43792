package packet

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

func sampleGround() *Ground {
	content := &undersigned.Content{Issue: undersigned.Issue{Slug: "cause", Languages: []string{"en"}, Organizer: "The <Center>"}, Actions: []undersigned.Action{
		{Issue: "cause", Slug: "petition", PID: "00112233445566ff", Kind: undersigned.Petition, Texts: map[string]undersigned.ActionText{"en": {Title: "Close it", Ask: "We ask."}}}}}
	return NewGround(content, &content.Actions[0], "https://cause.example", congress.SampleTable(), noon)
}

func TestGroundIsReadBackAndNamesNoFolderElsewhere(t *testing.T) {
	var b bytes.Buffer
	noError(t, sampleGround().Write(&b))
	text := b.String()
	back, err := ReadGround(strings.NewReader(text))
	if err != nil || !reflect.DeepEqual(back, sampleGround()) || len(back.Holders) < 11 {
		t.Errorf("%+v, %v", back, err)
	}
	for _, change := range [][2]string{{`"bioguide":"C001101"`, `"bioguide":"../../x"`}, {`"state":"MA"`, `"state":"/etc"`}, {`"holders":[`, `"holders":[null,`}, {"{", "["}} {
		if _, err := ReadGround(strings.NewReader(strings.Replace(text, change[0], change[1], 1))); err == nil || !strings.Contains(text, change[0]) {
			t.Errorf("taken with %s", change[1])
		}
	}
}

func FuzzReadGround(f *testing.F) {
	var b bytes.Buffer
	if err := sampleGround().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"petition":"00112233445566ff","holders":[{"bioguide":"C001101","term":{"chamber":"house","state":"MA","district":5}}],"maps":[{"state":"MA"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := ReadGround(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, member := range g.Holders {
			if name := member.SeatName() + "-" + member.Bioguide; strings.ContainsAny(name, `./\`) {
				t.Errorf("a folder called %q", name)
			}
		}
		shaded(g.Maps, &undersigned.SeatCounts{})
	})
}
