# frozen_string_literal: true

module Backoffice
  # A person who works in the back office.
  Employee = Struct.new(:login, :role, :depot, keyword_init: true)

  # A customer, as far as the back office needs to know.
  Account = Struct.new(:id, :name, :email, :currency, keyword_init: true) do
    def domain
      email.split("@", 2).last.downcase
    end

    def mailbox
      "#{name.delete('<>"')} <#{email}>"
    end
  end
end
