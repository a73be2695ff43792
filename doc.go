// Package undersigned holds the nouns of Undersigned, and the rules that are true of them without a database or a
// browser. It imports nothing but the standard library; every other room of the house depends on it.
//
// What a reader sees:
//
//   - [Issue]: a cause, with its statement, sections, actions, organisations and resources.
//   - [Action]: something a reader is asked to do. [Action.Decide] alone says whether it is open.
//   - [Bill]: what Congress does with a bill an action is about, and when it died.
//   - [Legislator], with [Term] and [Office], and [District]: who holds which seat.
//   - [Organization] and its [OrganizationCampaign]: the directory.
//   - [Resource]: the library, and the help for people whose relative is detained.
//   - [Content]: one issue with all of the above, as a pack holds it.
//   - [Fact]: figures with their source, from which a picture is drawn.
//   - [Event]: an entry of the diary, something that changed.
//
// What a reader does:
//
//   - [Signature]: one person's name under a petition or a pledge. It exists from the moment it is confirmed; what it
//     says about the person is a [Person], which is only ever kept sealed.
//   - [Outreach]: one person's letter or call to those who decide, with one [Delivery] for each of them.
//   - [Submission]: one person's offer to volunteer, and what the coordinator of the [Opportunity] makes of it.
//   - [Subscriber]: an address whose owner asked, by a [Consent], to hear what comes of an issue; kept apart from signatures.
//     An [Update] is what they hear.
//
// Who runs the site: [User], who may do what their [Role] permits, in a [Session]; what they did is an [AuditEntry].
//
// What the public can check: entries, checkpoints, tiles, proofs and receipts are the nouns of package translog, which
// outsiders import on its own.
//
// What goes wrong: [Error], with a [Kind] and the key of the message a person is shown.
package undersigned
