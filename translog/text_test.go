package translog

import (
	"strings"
	"testing"
)

func TestCanonicalTextHasPinnedBytes(t *testing.T) {
	text, err := CanonicalText([]Text{
		{"es", "Cerrad los centros", "Pedid a la Cámara que vote no", "Primero.\n\nSegundo.\n\n"},
		{"en", "Close the centres", "Ask the House to vote no", "First.\n\n\tSecond."},
		{"pt-BR", "Fechem", "Peçam", ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "text.golden", text)
	golden(t, "text_hash.golden", []byte(TextHash(text).String()+"\n"))
}

func TestMalformedTextIsRefused(t *testing.T) {
	good := Text{"en", "Title", "Ask", "Body"}
	for name, texts := range map[string][]Text{
		"none":         nil,
		"no code":      {{"", "T", "A", "B"}},
		"code":         {{"e n", "T", "A", "B"}},
		"long code":    {{strings.Repeat("e", 36), "T", "A", "B"}},
		"twice":        {good, good},
		"title lines":  {{"en", "T\n", "A", "B"}},
		"ask lines":    {{"en", "T", "A\nes", "B"}},
		"body CR":      {{"en", "T", "A", "B\r\n"}},
		"body control": {{"en", "T", "A", "\x00"}},
		"not UTF-8":    {{"en", "T", "A", "\xff"}},
		"too long":     {{"en", "T", "A", strings.Repeat("b", MaxTextSize)}},
	} {
		if _, err := CanonicalText(texts); err == nil {
			t.Errorf("%s: it is written", name)
		}
	}
}
