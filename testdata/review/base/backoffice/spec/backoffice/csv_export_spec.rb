# frozen_string_literal: true

RSpec.describe Backoffice::CsvExport do
  it "writes a header and a row for each claim" do
    lines = described_class.new.call([claim]).lines(chomp: true)
    expect(lines).to eq(
      ["claim,parcel,reason,amount,state,raised_at", "7,70,damaged,45.00,received,2024-05-08T12:00:00Z"]
    )
  end

  it "keeps cells from being run as formulas" do
    quoted = described_class.new.send(:quote, "=1+1")
    expect(quoted).to eq("'=1+1")
  end

  it "quotes commas and quotes" do
    expect(described_class.new.send(:quote, 'a,"b"')).to eq('"a,""b"""')
  end
end
