# frozen_string_literal: true

# Stand-ins shared by the specs.
module Fakes
  # A database that answers from a list of canned results and remembers the queries.
  class Database
    attr_reader :queries

    def initialize(*answers)
      @answers = answers
      @queries = []
    end

    def query(sql, params)
      @queries << [sql.squeeze(" "), params]
      @answers.shift || []
    end

    def execute(sql, params)
      @queries << [sql.squeeze(" "), params]
      @answers.shift || 0
    end
  end

  def claim(**overrides)
    Backoffice::Claim.new(
      id: 7, parcel_id: 70, raised_by: "post@maasbooks.example", reason: "damaged",
      amount_minor: 4_500, raised_at: Time.utc(2024, 5, 8, 12), **overrides
    )
  end

  def claim_row(**overrides)
    {
      "id" => 7, "parcel_id" => 70, "raised_by" => "post@maasbooks.example", "reason" => "damaged",
      "amount_minor" => 4_500, "state" => "received", "raised_at" => "2024-05-08T12:00:00Z"
    }.merge(overrides.transform_keys(&:to_s))
  end

  def employee(role, login: "#{role}.one")
    Backoffice::Employee.new(login: login, role: role, depot: "AMS")
  end

  def account(**overrides)
    Backoffice::Account.new(
      id: 1, name: "Maas Books", email: "post@maasbooks.example", currency: "EUR", **overrides
    )
  end
end
