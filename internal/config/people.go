package config

// Account is the command about customers.
type Account struct {
	Create AccountCreate `cmd:"" help:"Create an account."`
	List   AccountList   `cmd:"" help:"List the accounts."`
	Set    AccountSet    `cmd:"" help:"Change an account; what is not given stays."`
}

// AccountCreate makes an account.
type AccountCreate struct {
	Database
	Logging
	Name          string  `required:"" env:"-" help:"Name of the customer."`
	Email         string  `required:"" env:"-" help:"E-mail address that notices go to."`
	Currency      string  `default:"USD" env:"-" help:"Currency of prices and wallet, as in ISO 4217."`
	Zone          string  `default:"UTC" env:"-" help:"Billing time zone, such as Asia/Shanghai."`
	GraceDays     int     `default:"15" env:"-" help:"Days after expiry in which an instance still works."`
	RetentionDays int     `default:"15" env:"-" help:"Days after that in which its data is kept."`
	Discount      Percent `default:"0" env:"-" placeholder:"PERCENT" help:"Contract discount on every list price, in percent with up to two decimals."`
	ID            string  `env:"-" placeholder:"ID" help:"Id of the account; made if not given."`
}

// AccountList lists accounts.
type AccountList struct {
	Database
	Logging
}

// AccountSet changes an account. A flag that is not given is nil.
type AccountSet struct {
	Database
	Logging
	Account       string   `arg:"" optional:"" help:"Account, by id or name; may be left out where there is one only."`
	Name          *string  `env:"-" help:"Name of the customer."`
	Email         *string  `env:"-" help:"E-mail address that notices go to."`
	Zone          *string  `env:"-" help:"Billing time zone, such as Asia/Shanghai."`
	GraceDays     *int     `env:"-" help:"Days after expiry in which an instance still works."`
	RetentionDays *int     `env:"-" help:"Days after that in which its data is kept."`
	Discount      *Percent `env:"-" placeholder:"PERCENT" help:"Contract discount on every list price, in percent with up to two decimals."`
	Frozen        *bool    `env:"-" help:"Frozen accounts renew nothing; --frozen=false frees it."`
}

// User is the command about the people of an account.
type User struct {
	Create      UserCreate   `cmd:"" help:"Create a user, and print a password that was made for it."`
	List        UserList     `cmd:"" help:"List the users of an account."`
	SetPassword UserPassword `cmd:"" help:"Give a user a new password, and end the user's sessions."`
	SetRole     UserRole     `cmd:"" help:"Change what a user may do."`
	Delete      UserDelete   `cmd:"" help:"Delete a user, and end the user's sessions."`
}

// UserCreate makes a user.
type UserCreate struct {
	Database
	Logging
	Email         string `arg:"" help:"E-mail address, with which the user signs in."`
	Account       string `env:"-" placeholder:"ID" help:"Account, by id or name; may be left out where there is one only."`
	Role          string `default:"viewer" enum:"viewer,buyer,owner" env:"-" help:"What the user may do: viewer, buyer or owner."`
	Name          string `env:"-" help:"Name of the user."`
	PasswordStdin bool   `env:"-" help:"Read the password from the first line of standard input instead of making one."`
}

// UserList lists the users of an account.
type UserList struct {
	Database
	Logging
	Account string `env:"-" placeholder:"ID" help:"Account, by id or name; may be left out where there is one only."`
}

// UserPassword changes a password.
type UserPassword struct {
	Database
	Logging
	Email         string `arg:"" help:"E-mail address of the user."`
	PasswordStdin bool   `env:"-" help:"Read the password from the first line of standard input instead of making one."`
}

// UserRole changes a role.
type UserRole struct {
	Database
	Logging
	Email string `arg:"" help:"E-mail address of the user."`
	Role  string `arg:"" enum:"viewer,buyer,owner" help:"What the user may do: viewer, buyer or owner."`
}

// UserDelete removes a user.
type UserDelete struct {
	Database
	Logging
	Email string `arg:"" help:"E-mail address of the user."`
}
