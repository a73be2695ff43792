package web

import (
	"regexp"
	"strings"
)

// mirrorCSS makes of a style sheet, minified and written for languages that run from left to right, the one for those that
// run from right to left. So nobody has to write each rule twice, or think of it. (Logical properties would do the same;
// the phones of 2017 do not know them.)
func mirrorCSS(css string) string {
	return cssBlock.ReplaceAllStringFunc(css, func(block string) string {
		declarations := strings.Split(block[1:len(block)-1], ";")
		for i, d := range declarations {
			if property, value, ok := strings.Cut(d, ":"); ok {
				declarations[i] = sides.Replace(property) + ":" + mirrorValue(property, value)
			}
		}
		return "{" + strings.Join(declarations, ";") + "}"
	})
}

var (
	cssBlock = regexp.MustCompile(`\{[^{}]*\}`) // of a rule; what an @media holds are rules
	sides    = strings.NewReplacer("left", "right", "right", "left")
)

// mirrorValue swaps the words for the sides, and of four values, which go round with the clock from the top, the right one
// and the left one. Those of border-radius begin at the top left.
func mirrorValue(property, value string) string {
	values := strings.Fields(value)
	switch property {
	case "text-align", "float", "clear":
		return sides.Replace(value)
	case "margin", "padding", "border-width", "border-style", "border-color":
		if len(values) == 4 {
			return strings.Join([]string{values[0], values[3], values[2], values[1]}, " ")
		}
	case "border-radius":
		if len(values) == 4 {
			return strings.Join([]string{values[1], values[0], values[3], values[2]}, " ")
		}
	}
	return strings.TrimSpace(value)
}
