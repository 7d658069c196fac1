# frozen_string_literal: true

RSpec.describe Backoffice::ClaimStore do
  it "finds a claim by id" do
    database = Fakes::Database.new([claim_row])
    expect(described_class.new(database).find(7).parcel_id).to eq(70)
    expect(database.queries.first.last).to eq([7])
  end

  it "reports a missing claim" do
    store = described_class.new(Fakes::Database.new([]))
    expect { store.find(8) }.to raise_error(described_class::NotFound, "claim 8")
  end

  it "limits the list of a state" do
    database = Fakes::Database.new([claim_row])
    described_class.new(database).in_state("received", limit: 5)
    expect(database.queries.first.last).to eq(["received", 5])
  end

  it "saves a state once" do
    store = described_class.new(Fakes::Database.new(1, 0))
    moved = claim.move_to("checking")
    expect { store.save_state(moved, from: "received") }.not_to raise_error
    expect { store.save_state(moved, from: "received") }.to raise_error(described_class::Stale)
  end

  it "reads the accounts of many claims with one query" do
    rows = [{ "parcel_id" => 70, "id" => 1, "name" => "Maas Books",
              "email" => "post@maasbooks.example", "currency" => "EUR" }]
    database = Fakes::Database.new(rows)
    accounts = described_class.new(database).accounts_of([claim, claim(id: 8)])
    expect(accounts.transform_values(&:name)).to eq(7 => "Maas Books", 8 => "Maas Books")
    expect(database.queries.size).to eq(1)
  end
end
