package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// letterForm takes a reader's own words.
type letterForm struct {
	Action        string // where it is posted
	ZIP, District string // of the reader
	Thanks        bool   // to those who are thanked
	Subject       formInput
	Text          textArea
}

// textArea is a field of many lines.
type textArea struct {
	Of, Name, Label, Hint, Lang string
	Rows                        int
	Value, Error                string
}

// ID names the element; of two forms on a page each has its own.
func (t textArea) ID() string { return fieldID(t.Of, t.Name) }

// DescribedBy names the elements that explain the field, for aria-describedby.
func (t textArea) DescribedBy() string { return describedBy(t.ID(), t.Hint, t.Error) }

// write makes forms of the words of a letter, where it is known whom they go to.
func (v *actionView) write(a *undersigned.Action, p place) {
	if a.Kind != undersigned.Letter {
		return
	}
	for _, words := range []*wordsView{v.Words, v.Thanks} {
		if words == nil || len(v.recipients(words == v.Thanks)) == 0 {
			continue
		}
		form := &letterForm{Action: v.Link(actionPath(a)), Thanks: words == v.Thanks}
		if p.asked && p.problem == nil {
			form.ZIP = p.Answer.ZIP
			if seat := p.seat(); seat != nil {
				form.District = seat.District.String()
			}
		}
		form.Subject = formInput{Of: words.ID, Name: "subject", Label: v.T("words.subject"), Type: "text", Autocomplete: "off", Required: true, Value: words.Subject}
		form.Text = textArea{Of: words.ID, Name: "text", Label: v.T("words.text"), Hint: v.T("letter.own"), Lang: words.Lang, Rows: max(words.Rows, 12), Value: words.Text}
		words.Form = form
	}
}

// recipients are those of the page's offices to whom the words go: the asked or the thanked.
func (v *actionView) recipients(thanks bool) (list []memberView) {
	if v.Where != nil {
		for _, m := range v.Where.Members {
			if m.ID != "" && m.Thanks == thanks {
				list = append(list, m)
			}
		}
	}
	if !thanks {
		list = append(list, v.Addressees...)
	}
	return list
}

// wordsOf gives the words that a form is about.
func (v *actionView) wordsOf(form url.Values) *wordsView {
	if form.Get("thanks") != "" && v.Thanks != nil {
		return v.Thanks
	}
	return v.Words
}

// typed puts what was typed back into the form.
func (v *actionView) typed(form url.Values) {
	words := v.wordsOf(form)
	if words == nil {
		v.Comment = strings.TrimSpace(validText(form.Get("subject")) + "\n\n" + validText(form.Get("text")))
		return
	}
	if words.Form == nil { // it is no longer known whom they go to
		words.Subject, words.Text = validText(form.Get("subject")), validText(form.Get("text"))
		return
	}
	words.Form.Subject.Value, words.Form.Text.Value = validText(form.Get("subject")), validText(form.Get("text"))
}

// letterFailed says what is wrong with a letter.
func (v *actionView) letterFailed(form url.Values, problem *undersigned.Error) {
	v.Title = v.T("form.error_title", "title", v.Title)
	v.Problem = v.T(problem.Key)
	words := v.wordsOf(form)
	if words == nil || words.Form == nil {
		return
	}
	for _, e := range problem.Fields {
		text := v.T(e.Key, e.Args...)
		switch e.Field {
		case "subject":
			words.Form.Subject.Error = text
			v.Mistakes = append(v.Mistakes, mistake{Field: words.Form.Subject.ID(), Label: words.Form.Subject.Label, Text: text})
		case "text":
			words.Form.Text.Error = text
			v.Mistakes = append(v.Mistakes, mistake{Field: words.Form.Text.ID(), Label: words.Form.Text.Label, Text: text})
		}
	}
}

// letterView is one reader's letter with all ways to send it. It is drawn for them alone and kept nowhere.
type letterView struct {
	chrome
	Action        string // where its buttons are posted, and the page of the ask
	Ask           string
	Outreach      string // token
	ZIP, District string
	Thanks        bool
	Subject, Text string
	Own           string // how much of it is the reader's own, in words
	Blanks        bool   // something in square brackets is still to be filled in
	Offices       []officeWays
	Mail          *mailForm // to send it by e-mail; nil where no office takes letters so
	Papers        []string  // the letter on paper, one for each office
	Safer         *actionCard
	Done          string // what was just noted
	Problem       string
	Mistakes      []mistake
	rewritten     int
}

// officeWays is an office and the ways to reach it, the one that it has most likely time for first.
type officeWays struct {
	chrome
	Role, Heading string
	Ways          []wayView
}

// wayView is one way to one office.
type wayView struct {
	Method  undersigned.Method
	Title   string
	How     string // what to do
	Gets    string // who receives what
	Phone   *phoneView
	Link    *linkView
	Address []string // lines
	Copy    bool
	Print   bool
	Sent    string // the value of the button that says it is done
	Button  string
	Noted   string // in place of the button, once it was pressed
}

// newLetter makes that page. ask is the page of the action for the reader's place.
func newLetter(ask actionView, a *undersigned.Action, m undersigned.Message, form url.Values) letterView {
	words := ask.wordsOf(form)
	c := ask.chrome.titled(ask.T("letter.title"), "").private()
	c.Paper, c.LanguageForm = true, "written"
	v := letterView{chrome: c, Action: c.Link(actionPath(a)), Ask: ask.Heading, Outreach: form.Get("outreach"), Thanks: words == ask.Thanks,
		Subject: m.Subject, Text: m.Text, Blanks: blank(m.Text), Safer: ask.Safer, rewritten: words.rewritten(m.Text)}
	if words.Form != nil {
		v.ZIP, v.District = words.Form.ZIP, words.Form.District
	}
	switch {
	case v.rewritten == 0:
		v.Own = c.T("letter.own.none")
	case v.rewritten < enoughOwn:
		v.Own = c.T("letter.own.some", "percent", v.rewritten)
	default:
		v.Own = c.T("letter.own.much", "percent", v.rewritten)
	}
	var to []string
	for _, m := range ask.recipients(v.Thanks) {
		v.Offices = append(v.Offices, newOfficeWays(c, m))
		v.Papers = append(v.Papers, paper(c, m, v.Subject, v.Text))
		if m.Email != "" {
			to = append(to, m.Heading)
		}
	}
	if len(to) > 0 {
		v.Mail = newMailForm(c, to)
	}
	return v
}

// rewritten says how much of a letter is its writer's own, in percent. They may have begun with our words in one language, and
// have gone to another.
func (w *wordsView) rewritten(letter string) int {
	own := 100
	for _, ours := range w.inAll {
		own = min(own, undersigned.Rewritten(ours, letter))
	}
	return own
}

// enoughOwn is the percentage of own words from which on we ask for no more.
const enoughOwn = 30

// blank tells whether a text still has something to fill in, such as [your name].
func blank(text string) bool {
	_, rest, open := strings.Cut(text, "[")
	inside, _, closed := strings.Cut(rest, "]")
	return open && closed && !strings.Contains(inside, "\n")
}

// paper is a letter on paper.
func paper(c chrome, m memberView, subject, text string) string {
	to := m.Name
	if !m.Custom {
		to = c.T("words.to", "name", m.Name)
	}
	lines := slices.Concat([]string{to}, m.addressLines(), []string{"", c.T("letter.about", "subject", subject), "", text, "", "", "", signatureLine, c.T("letter.signed")})
	return strings.Join(lines, "\n")
}

const signatureLine = "______________________________"

// addressLines are the lines below the name on an envelope.
func (m memberView) addressLines() (lines []string) {
	if m.Custom && m.Role != "" {
		lines = append(lines, m.Role)
	}
	for line := range strings.SplitSeq(m.Mail, ", ") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// newOfficeWays lists the ways that an office really has. Where it has a form of its own for letters that comes first,
// else the telephone: most of the House publish no form.
func newOfficeWays(c chrome, m memberView) officeWays {
	v := officeWays{chrome: c, Role: m.RoleOf(), Heading: m.Heading}
	add := func(w wayView) {
		w.Sent = m.ID + "/" + string(w.Method)
		v.Ways = append(v.Ways, w)
	}
	page := func(link *linkView, title, how string) {
		if link != nil {
			add(wayView{Method: undersigned.ByWebForm, Title: title, How: how, Gets: c.T("letter.form.gets"), Link: link, Copy: true, Button: c.T("letter.form.sent")})
		}
	}
	page(m.Contact, c.T("letter.form"), c.T("letter.form.how"))
	if m.Phone != nil {
		add(wayView{Method: undersigned.ByPhone, Title: c.T("letter.phone"), How: c.T("letter.phone.how"), Gets: c.T("letter.phone.gets"), Phone: m.Phone,
			Button: c.T("letter.phone.sent")})
	}
	if m.Contact == nil {
		page(m.Site, c.T("letter.site"), c.T("letter.site.how"))
	}
	if m.Mail != "" {
		how := c.T("letter.post.how")
		if m.Custom {
			how = c.T("letter.post.custom")
		}
		add(wayView{Method: undersigned.ByPost, Title: c.T("letter.post"), How: how, Gets: c.T("letter.post.gets"),
			Address: append([]string{m.Name}, m.addressLines()...), Print: true, Button: c.T("letter.post.sent")})
	}
	return v
}

// sent marks the ways that the reader has gone.
func (v *letterView) sent(deliveries []undersigned.Delivery) {
	for _, d := range deliveries {
		for i := range v.Offices {
			for j := range v.Offices[i].Ways {
				if way := &v.Offices[i].Ways[j]; way.Sent == d.Target+"/"+string(d.Method) {
					way.Noted = v.T("letter.noted", "day", v.Day(d.Day))
					v.Done = v.T("letter.done")
				}
			}
		}
	}
}

// failed says why a button did nothing.
func (v *letterView) failed(problem *undersigned.Error) {
	v.Done, v.Problem = "", v.T(problem.Key)
	if v.Mail != nil {
		v.Mistakes = v.Mail.failed(v.chrome, problem)
	}
	v.Title = v.T("form.error_title", "title", v.Title)
}
