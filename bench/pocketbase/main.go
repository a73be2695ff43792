// PocketBase with its defaults and two collections, of the fields of our sign form, in which anyone may make a
// record and read them. In the second an address is taken once.
package main

import (
	"log"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

func main() {
	app := pocketbase.New()
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil // no browser for a first administrator
		if _, err := app.FindCollectionByNameOrId("signatures"); err == nil {
			return e.Next() // it was started before
		}
		for _, name := range []string{"signatures", "signatures_once"} {
			signatures := core.NewBaseCollection(name)
			signatures.CreateRule, signatures.ListRule = types.Pointer(""), types.Pointer("")
			signatures.Fields.Add(
				&core.TextField{Name: "given_name", Required: true, Max: 120},
				&core.TextField{Name: "family_name", Max: 120},
				&core.EmailField{Name: "email", Required: true},
				&core.TextField{Name: "postal_code", Max: 16},
				&core.TextField{Name: "country", Required: true, Pattern: "^[A-Z]{2}$"},
				&core.TextField{Name: "comment", Max: 350},
				&core.BoolField{Name: "deliver"},
			)
			if name == "signatures_once" {
				signatures.AddIndex("once", true, "email", "")
			}
			if err := app.Save(signatures); err != nil {
				return err
			}
		}
		return e.Next()
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}
